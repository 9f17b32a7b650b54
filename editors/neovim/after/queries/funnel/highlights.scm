; extends

; Highlights in a placeholder take precedence over those of an injected language around it, such as a JSON string.

(interpolation [ "{{" "}}" ] @punctuation.special
  (#set! priority 110))

([ (if_tag [ "{{" "}}" ] @punctuation.special)
   (else_if_tag [ "{{" "}}" ] @punctuation.special)
   (else_tag [ "{{" "}}" ] @punctuation.special)
   (end_tag [ "{{" "}}" ] @punctuation.special) ]
  (#set! priority 110))

([ (if_tag "if" @keyword.conditional)
   (else_if_tag [ "else" "if" ] @keyword.conditional)
   (else_tag "else" @keyword.conditional)
   (end_tag "end" @keyword.conditional) ]
  (#set! priority 110))

(interpolation "|" @operator
  (#set! priority 110))

((variable) @variable
  (#has-ancestor? @variable interpolation if_tag else_if_tag)
  (#set! priority 110))

((member_expression property: (identifier) @variable.member)
  (#has-ancestor? @variable.member interpolation if_tag else_if_tag)
  (#set! priority 110))

((filter name: (identifier) @function.call)
  (#set! priority 110))

([ (number) (percent) (money) (duration) (time) (date) (date_time) ] @number
  (#has-ancestor? @number interpolation if_tag else_if_tag)
  (#set! priority 110))
