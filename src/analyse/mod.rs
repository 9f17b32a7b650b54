//! What can be known about checked funnels before they run. In: the program and its graphs, which have no fault of
//! their own. Out: findings about what they would do.

pub mod bound;
mod clock;
mod condition;
mod endless;
mod idle;
mod impossible;
mod moment;
mod overlap;
mod phrasing;
mod promo;
mod sms;
mod steps;
mod sum;
mod term;
mod twice;
mod unsubscribe;
mod unused;
mod window;

pub use sms::{Coding, SmsSize, sms_size};

use crate::check::{Context, Program};
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::Graph;
use crate::source::Sources;

/// Adds what is well formed and cannot be meant to what was found, and takes back warnings that it can disprove. The graphs
/// are those of the program's funnels, in their order.
pub fn analyse(sources: &Sources, program: &Program, graphs: &[Graph], context: &Context, found: &mut Vec<Diagnostic>) {
    found.extend(condition::conditions(sources, program, graphs));
    for graph in graphs {
        let judged = moment::moments(sources, program, graph);
        found.retain(|one| one.code != Code::PastMoment || !judged.settled.contains(&one.span));
        found.extend(judged.found);
        found.extend(moment::endless(graph));
        found.extend(window::windows(graph));
    }
    found.extend(unused::unused(program, context));
    found.extend(unused::unused_labels(program, context));
    found.extend(idle::idle(program));
    found.extend(endless::starts_for_ever(program));
    found.extend(overlap::set_by_two(program));
    found.extend(twice::same_message_twice(program));
    found.extend(promo::promo_in_service(program));
    found.extend(impossible::impossible_tests(program));
    found.extend(sms::judge(program, context));
    found.extend(bound::judge(program, graphs, context));
    found.extend(unsubscribe::no_unsubscribe_link(program));
}
