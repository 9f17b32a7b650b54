//! What is the business's own: in, the words of `[business]` and the addresses of the channels; out, what the checker compares
//! addresses in messages with, and a finding for answers that would go to somebody else.

use super::Project;
use super::table::Table;
use crate::check::BusinessIdentity;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;

/// Reads it from a project whose business and channels are read.
pub(super) fn read(top: &Table<'_>, project: &Project) -> BusinessIdentity {
    let mut own = BusinessIdentity::default();
    for (name, word) in &project.context.reach.business {
        let place = project.context.business.get(name).map(|field| field.span).unwrap_or_default();
        own.add(word, place);
    }
    for (from, reply) in project.channels.values().filter_map(super::Configured::mailboxes) {
        own.add_sender(from);
        let Some((reply, place)) = reply else { continue };
        if let Some(mark) = own.foreign_mail(reply) {
            let (message, right) =
                (say!("`{address}` is not an address of this business", address = reply), &mark.written);
            let finding = Diagnostic::new(Code::ForeignAddress, place, message, say!("answers go elsewhere"))
                .related(mark.span, say!("the business has this"));
            let finding = if right.contains('@') {
                let title = say!("change it to `{right}`", right);
                finding.help(say!("write `{right}`", right)).guess(title, place, format!("\"{right}\""))
            } else {
                finding.help(say!("write an address of `{own}`", own = right))
            };
            top.findings.push(finding.help(say!("where it is yours too, say so under `[business]`")));
        }
        own.add_sender(reply);
    }
    own
}
