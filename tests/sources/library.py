"""Sends the same messages as `library.mjs` by Segment's library for Python: HOST KEY [gzip]."""
import sys
from datetime import datetime, timezone
import segment.analytics as analytics

failed = []
analytics.host, analytics.write_key = sys.argv[1:3]
analytics.gzip = "gzip" in sys.argv
analytics.max_retries = 2
analytics.on_error = lambda error, items: failed.append(error)
at = datetime(2026, 3, 1, 10, tzinfo=timezone.utc)
analytics.identify(anonymous_id="anon-1", traits={"firstName": "Anna", "phone": "+4930901820"}, timestamp=at)
analytics.alias("anon-1", "user-1", timestamp=at)
for _ in range(2):
    analytics.track("user-1", "Booking", {"booking_id": "b1", "starts_at": "2030-03-05T10:00:00Z", "price": 49.5, "currency": "EUR"}, timestamp=at, message_id="m-1")
analytics.page("user-1", "Docs", "Python")
analytics.group("user-1", "g1", {"name": "Salon"})
analytics.flush()
print("failed" if failed else "sent")
