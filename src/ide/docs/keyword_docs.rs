//! Documentation of keywords. In: a keyword and a language. Out: a short page.

use crate::diagnostic::Language;
use crate::syntax::token::Keyword;

macro_rules! pages {
    ($($name:ident $file:literal)*) => {
        /// Returns the documentation of a keyword.
        #[must_use]
        pub const fn keyword_docs(keyword: Keyword, language: Language) -> &'static str {
            match language {
                Language::English => match keyword {
                    $(Keyword::$name => include_str!(concat!("keyword/", $file, ".md")),)*
                },
                Language::Russian => match keyword {
                    $(Keyword::$name => include_str!(concat!("ru/keyword/", $file, ".md")),)*
                },
            }
        }
    };
}

pages! {
    Use "use" Const "const" Client "client" Event "event" Segment "segment" Template "template" Action "action"
    Funnel "funnel" Test "test" File "file"
    Key "key" Later "later" From "from" By "by" List "list"
    Purpose "purpose" Timezone "timezone" Hours "hours" Enter "enter" Limit "limit" Exit "exit" Goal "goal"
    Upgrade "upgrade" Always "always" Once "once" Per "per" Again "again" After "after" Defer "defer"
    Within "within" Worth "worth"
    On "on" Every "every" Entering "entering" Leaving "leaving" No "no" For "for" As "as" Where "where" While "while" At "at"
    Day "day"
    If "if" Else "else" Match "match" Case "case" Otherwise "otherwise" Split "split" Parallel "parallel" Path "path"
    Repeat "repeat" Times "times" Wait "wait" Until "until" Before "before" Up "up" To "to" Skip "skip" Stop "stop" Send "send"
    Set "set" Tag "tag" Untag "untag" Task "task" Due "due" Call "call" Do "do" Emit "emit" Start "start" Goto "goto"
    Expect "expect" Given "given" Fails "fails" Answers "answers" Containing "containing" Nothing "nothing"
    And "and" Or "or" Not "not" In "in" Last "last" Is "is" Known "known" Missing "missing" Contains "contains"
    Starts "starts" With "with" Matches "matches" True "true" False "false"
    Now "now" Today "today" Tomorrow "tomorrow" Monday "monday" Tuesday "tuesday" Wednesday "wednesday"
    Thursday "thursday" Friday "friday" Saturday "saturday" Sunday "sunday" Weekday "weekday" Weekend "weekend"
}
