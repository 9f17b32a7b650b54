//! The identity of the business: the words of `[business]` and the addresses of the channels, which the checker
//! compares with the addresses in messages. Reports a reply address of someone else.

use super::Project;
use super::table::Table;
use crate::check::BusinessIdentity;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;

/// Collects the identity from a project whose business and channels have been read.
pub(super) fn read(top: &Table<'_>, project: &Project) -> BusinessIdentity {
    let mut identity = BusinessIdentity::default();
    for (name, word) in &project.context.messages.business {
        let span = project.context.business.get(name).map(|field| field.span).unwrap_or_default();
        identity.add(word, span);
    }
    for (from, reply) in project.channels.values().filter_map(super::ChannelConfig::mailboxes) {
        identity.add_sender(from);
        let Some((reply, span)) = reply else { continue };
        if let Some(marker) = identity.foreign_mail(reply) {
            let (message, right) =
                (say!("`{address}` does not belong to this business", address = reply), &marker.written);
            let finding = Diagnostic::new(Code::ForeignAddress, span, message, say!("replies go elsewhere"))
                .related(marker.span, say!("the business uses this"));
            let finding = if right.contains('@') {
                let title = say!("change it to `{right}`", right);
                finding.help(say!("write `{right}`", right)).guess(title, span, format!("\"{right}\""))
            } else {
                finding.help(say!("use an address at `{own}`", own = right))
            };
            top.findings.push(finding.help(say!("if it is yours too, add it under `[business]`")));
        }
        identity.add_sender(reply);
    }
    identity
}
