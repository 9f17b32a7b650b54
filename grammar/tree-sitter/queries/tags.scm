; What a file declares, and what it names of others.

(
  (doc_comment)* @doc
  .
  (funnel_declaration name: (identifier) @name) @definition.function
  (#strip! @doc "^##\\s*")
  (#select-adjacent! @doc @definition.function)
)

(
  (doc_comment)* @doc
  .
  (action_declaration name: (identifier) @name) @definition.interface
  (#strip! @doc "^##\\s*")
  (#select-adjacent! @doc @definition.interface)
)

(
  (doc_comment)* @doc
  .
  (template_declaration name: (identifier) @name) @definition.macro
  (#strip! @doc "^##\\s*")
  (#select-adjacent! @doc @definition.macro)
)

(
  (doc_comment)* @doc
  .
  (event_declaration name: (identifier) @name) @definition.class
  (#strip! @doc "^##\\s*")
  (#select-adjacent! @doc @definition.class)
)

(
  (doc_comment)* @doc
  .
  (segment_declaration name: (identifier) @name) @definition.type
  (#strip! @doc "^##\\s*")
  (#select-adjacent! @doc @definition.type)
)

(
  (doc_comment)* @doc
  .
  (const_declaration name: (identifier) @name) @definition.constant
  (#strip! @doc "^##\\s*")
  (#select-adjacent! @doc @definition.constant)
)

(test_declaration name: (string (string_content) @name)) @definition.module

(event_path event: (identifier) @name) @reference.class
(emit_element event: (identifier) @name) @reference.class
(history_call event: (identifier) @name) @reference.class
(event_line event: (identifier) @name) @reference.class
(silence_trigger event: (identifier) @name) @reference.class
(start_trigger event: (identifier) @name) @reference.class
(segment_change segment: (identifier) @name) @reference.type
(send_element template: (identifier) @name) @reference.call
(do_element action: (identifier) @name) @reference.call
(start_element funnel: (identifier) @name) @reference.call
(stop_element funnel: (identifier) @name) @reference.call
(is_expression funnel: (identifier) @name) @reference.call
