"""The funnel of ../funnelc/signup.funnel as a workflow of DBOS, on a Postgres that pgserver brings along in `data`."""

import os

import httpx
import pgserver
import uvicorn
from dbos import DBOS, SetWorkflowID
from fastapi import FastAPI, Request

SINK = os.environ.get("SINK", "http://127.0.0.1:9100/send")

app = FastAPI()
DBOS(config={"name": "signup", "system_database_url": pgserver.get_server("data", cleanup_mode="stop").get_uri(), "log_level": "WARNING"})
http = httpx.AsyncClient(limits=httpx.Limits(max_connections=64))


@DBOS.step()
async def sms(phone: str, n: str) -> None:
    response = await http.post(SINK, json={"to": phone, "text": f"Welcome {n}"})
    response.raise_for_status()


@DBOS.workflow()
async def signup(event: dict) -> None:
    if event["plan"] == "pro":
        await DBOS.sleep_async(1)
        await sms(event["phone"], event["n"])


@app.post("/events")
async def events(request: Request) -> dict:
    event = await request.json()
    with SetWorkflowID(event["id"]):
        await DBOS.start_workflow_async(signup, event["data"])
    return {}


if __name__ == "__main__":
    DBOS.launch()
    uvicorn.run(app, host="127.0.0.1", port=9102, log_level="warning")
