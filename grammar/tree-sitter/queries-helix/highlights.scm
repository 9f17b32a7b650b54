; Made from queries/highlights.scm; the rule is in tests/grammar/helix.rs.

; Colours, by the standard capture names. Each node is captured once, so that it does not matter whether the first or the
; last pattern wins.

; ---- Words of the language

[
  "const" "client" "event" "segment" "template" "action" "funnel" "test"
  "purpose" "timezone" "hours" "enter" "limit" "exit" "goal" "upgrade"
  "always" "once" "per" "again" "after" "defer" "up" "skip" "within" "worth"
  "on" "every" "entering" "leaving" "no" "for" "as" "where" "while" "at" "day" "to" "before"
  "parallel" "path" "wait" "until" "send" "set" "tag" "untag" "task" "due" "call" "do" "emit" "start" "goto" "stop"
  "expect" "given" "fails" "answers" "containing" "nothing"
  "last" "file"
] @keyword

[ "key" "later" "from" "by" ] @keyword.storage.modifier

"use" @keyword.control.import

[ "if" "else" "match" "case" "otherwise" "split" ] @keyword.control.conditional

[ "repeat" "times" ] @keyword.control.repeat

[ "and" "or" "not" "in" "is" "known" "missing" "contains" "starts" "with" "matches" ] @keyword.operator

"list" @type.builtin

(boolean) @constant.builtin.boolean

[ (now) "today" "tomorrow" (weekday) (day_set) ] @constant.builtin

; ---- What is declared

(funnel_declaration name: (identifier) @function)
(action_declaration name: (identifier) @function)
(template_declaration
  channel: (identifier) @namespace
  name: (identifier) @function)
(event_declaration name: (identifier) @type)
(segment_declaration name: (identifier) @type)
(const_declaration name: (identifier) @constant)
(template_parameters parameter: (identifier) @variable.parameter)
(parameter name: (identifier) @variable.parameter)
(field name: (identifier) @variable.other.member)
(step label: (identifier) @label)
(trigger alias: (identifier) @variable.parameter)
(wait_for_element alias: (identifier) @variable.parameter)

; ---- What is named

(event_path
  event: (identifier) @type
  field: (identifier)? @variable.other.member)
(segment_change segment: (identifier) @type)
(silence_trigger event: (identifier) @type)
(start_trigger event: (identifier) @type)
(trigger segment: (identifier) @type)
(emit_element event: (identifier) @type)
(event_line event: (identifier) @type)
(type_identifier) @type
(purpose_setting
  purpose: (identifier) @constant
  topic: (identifier)? @constant)
(upgrade_setting policy: (identifier) @constant)
(limit_setting channel: (identifier) @namespace)
(send_element
  channel: (identifier) @namespace
  template: (identifier)? @function)
(do_element action: (identifier) @function)
(do_element answer: (identifier) @type)
(call_element answer: (identifier) @type)
(start_element funnel: (identifier) @function)
(stop_element funnel: (identifier) @function)
(is_expression funnel: (identifier) @function)
(goto_element label: (identifier) @label)
(expect_line
  kind: (identifier) @function.builtin
  target: (identifier)? @namespace
  template: (identifier)? @function)
(given_line
  provider: (identifier) @namespace
  action: (identifier)? @function)
(filter name: (identifier) @function)
(history_call
  function: (identifier) @function.builtin
  event: (identifier) @type
  field: (identifier)? @variable.other.member)
(member_expression property: (identifier) @variable.other.member)
(path (identifier) @variable.other.member)
(pair key: (identifier) @variable.other.member)
(variable) @variable

; ---- Values

(string_content) @string
(string [ "\"" "\"\"\"" ] @string)
(escape_sequence) @constant.character.escape
(interpolation [ "{{" "}}" ] @punctuation.special)
(if_tag [ "{{" "}}" ] @punctuation.special)
(else_if_tag [ "{{" "}}" ] @punctuation.special)
(else_tag [ "{{" "}}" ] @punctuation.special)
(end_tag [ "{{" "}}" ] @punctuation.special)
(end_tag "end" @keyword.control.conditional)

[ (number) (percent) (money) (duration) (time) (date) (date_time) ] @constant.numeric

; ---- Signs

[ "->" "=" "+=" "-=" "==" "!=" "<=" ">=" "+" "-" "*" "/" ".." "|" "?" ] @operator

(binary_expression operator: [ "<" ">" ] @operator)
(list_type [ "<" ">" ] @operator)

[ "{" "}" "(" ")" "[" "]" ] @punctuation.bracket

[ "," ":" "." ] @punctuation.delimiter

; ---- Comments

(comment) @comment
(doc_comment) @comment.line.documentation
