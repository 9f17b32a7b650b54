[
  (funnel_body)
  (field_list)
  (test_body)
  (record)
  (block)
  (match_element)
  (split_element)
  (parallel_element)
  (named_arguments)
  (action_parameters)
  (list)
  (parenthesized_expression)
  (entry)
] @indent.begin

[ "}" ")" "]" ] @indent.branch

[ "}" ")" "]" ] @indent.end

[ (string) (comment) (doc_comment) ] @indent.ignore
