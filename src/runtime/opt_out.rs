//! Recipients who told the provider that they want no more messages. In: a message that was not sent because of that. Out:
//! the withdrawal of consent, as an event.

use super::RunError;
use super::completion::Completion;
use super::host::Host;
use crate::engine::{Fields, Message};
use crate::store::AcceptedEvent;
use crate::value::Timestamp;

/// The source of such events.
const SOURCE: &str = "funnelc:opt-out";

impl Host {
    /// Takes the withdrawal of a recipient who has opted out at the provider.
    pub(super) fn accept_opt_out(&mut self, completion: &Completion) -> Result<(), RunError> {
        let Some((message, _)) = completion.outcome.as_ref().filter(|_| completion.opted_out) else { return Ok(()) };
        let now = self.clock.engine_now();
        let messages = self.processor.accept(opt_out(message, now.wall), now, self.clock.steady())?;
        self.enqueue(messages);
        Ok(())
    }
}

/// The withdrawal for the channel of a message.
fn opt_out(message: &Message, at: Timestamp) -> AcceptedEvent {
    let texts = [("channel", message.channel.as_str()), ("source", "provider")];
    let data: Fields = texts.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
    AcceptedEvent {
        source: SOURCE.to_owned(),
        id: Some(message.id.0.clone()),
        name: "unsubscribed".to_owned(),
        client: message.client.clone(),
        key: None,
        at,
        received_at: at,
        imported: false,
        data,
        digest: None,
    }
}
