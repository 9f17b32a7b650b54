; extends

; Highlights in a placeholder take precedence over those of an injected language around it, such as a JSON string.

(interpolation [ "{{" "}}" ] @punctuation.special
  (#set! priority 110))

(interpolation "|" @operator
  (#set! priority 110))

((variable) @variable
  (#has-ancestor? @variable interpolation)
  (#set! priority 110))

((member_expression property: (identifier) @variable.member)
  (#has-ancestor? @variable.member interpolation)
  (#set! priority 110))

((filter name: (identifier) @function.call)
  (#set! priority 110))

([ (number) (percent) (money) (duration) (time) (date) (date_time) ] @number
  (#has-ancestor? @number interpolation)
  (#set! priority 110))
