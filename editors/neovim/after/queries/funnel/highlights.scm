; extends

; What stands in a hole counts for more than what another language makes of the text around it: in JSON, the string.

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
