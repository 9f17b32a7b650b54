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

[ "key" "later" "from" "by" ] @keyword.modifier

"use" @keyword.import

[ "if" "else" "match" "case" "otherwise" "split" ] @keyword.conditional

[ "repeat" "times" ] @keyword.repeat

[ "and" "or" "not" "in" "is" "known" "missing" "contains" "starts" "with" "matches" ] @keyword.operator

"list" @type.builtin

(boolean) @boolean

[ (now) "today" "tomorrow" (weekday) (day_set) ] @constant.builtin

; ---- What is declared

(funnel_declaration name: (identifier) @function)
(action_declaration name: (identifier) @function)
(template_declaration
  channel: (identifier) @module
  name: (identifier) @function)
(event_declaration name: (identifier) @type)
(segment_declaration name: (identifier) @type)
(const_declaration name: (identifier) @constant)
(template_parameters parameter: (identifier) @variable.parameter)
(parameter name: (identifier) @variable.parameter)
(field name: (identifier) @property)
(step label: (identifier) @label)
(trigger alias: (identifier) @variable.parameter)
(wait_for_element alias: (identifier) @variable.parameter)

; ---- What is named

(event_path
  event: (identifier) @type
  field: (identifier)? @variable.member)
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
(limit_setting channel: (identifier) @module)
(send_element
  channel: (identifier) @module
  template: (identifier)? @function.call)
(do_element action: (identifier) @function.call)
(do_element answer: (identifier) @type)
(call_element answer: (identifier) @type)
(start_element funnel: (identifier) @function.call)
(stop_element funnel: (identifier) @function.call)
(is_expression funnel: (identifier) @function.call)
(goto_element label: (identifier) @label)
(expect_line
  kind: (identifier) @function.builtin
  target: (identifier)? @module
  template: (identifier)? @function.call)
(given_line
  provider: (identifier) @module
  action: (identifier)? @function.call)
(filter name: (identifier) @function.call)
(history_call
  function: (identifier) @function.builtin
  event: (identifier) @type
  field: (identifier)? @variable.member)
(member_expression property: (identifier) @variable.member)
(path (identifier) @variable.member)
(pair key: (identifier) @property)
(variable) @variable

; ---- Values

(string_content) @string
(string [ "\"" "\"\"\"" ] @string)
(escape_sequence) @string.escape
(interpolation [ "{{" "}}" ] @punctuation.special)
(if_tag [ "{{" "}}" ] @punctuation.special)
(else_if_tag [ "{{" "}}" ] @punctuation.special)
(else_tag [ "{{" "}}" ] @punctuation.special)
(end_tag [ "{{" "}}" ] @punctuation.special)
(end_tag "end" @keyword.conditional)

[ (number) (percent) (money) (duration) (time) (date) (date_time) ] @number

; ---- Signs

[ "->" "=" "+=" "-=" "==" "!=" "<=" ">=" "+" "-" "*" "/" ".." "|" "?" ] @operator

(binary_expression operator: [ "<" ">" ] @operator)
(list_type [ "<" ">" ] @operator)

[ "{" "}" "(" ")" "[" "]" ] @punctuation.bracket

[ "," ":" "." ] @punctuation.delimiter

; ---- Comments

(comment) @comment
(doc_comment) @comment.documentation
