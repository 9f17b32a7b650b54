; Made from queries/injections.scm; the rule is in tests/grammar/helix.rs.

; Other languages inside. The pieces of one text between its holes are read together.

; A letter: `html: "<p>..</p>"`.
(pair
  key: (identifier) @_key
  value: (string (string_content) @injection.content)
  (#eq? @_key "html")
  (#set! injection.language "html")
  (#set! injection.combined))

; HTML and MJML that stand elsewhere, known by how they begin.
(pair
  key: (identifier) @_key
  value: (string (string_content) @injection.content) @_text
  (#not-eq? @_key "html")
  (#match? @_text "^\"+[ \t\r\n]*<(!doctype|[a-z][a-z0-9-]*[ \t\r\n/>])")
  (#set! injection.language "html")
  (#set! injection.combined))

([
  (template_declaration body: (string (string_content) @injection.content) @_text)
  (send_element body: (string (string_content) @injection.content) @_text)
  (const_declaration value: (string (string_content) @injection.content) @_text)
]
  (#match? @_text "^\"+[ \t\r\n]*<(!doctype|[a-z][a-z0-9-]*[ \t\r\n/>])")
  (#set! injection.language "html")
  (#set! injection.combined))

; JSON, known by how it begins.
((string (string_content) @injection.content) @_text
  (#match? @_text "^\"\"\"[ \t\r\n]*(\\{[ \t\r\n]*\"|\\[[ \t\r\n]*[\\[{\"0-9])")
  (#set! injection.language "json")
  (#set! injection.combined))

((comment) @injection.content
  (#set! injection.language "comment"))
