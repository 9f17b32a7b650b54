; Made from queries/textobjects.scm; the rule is in tests/grammar/helix.rs.

; Parts to select, by the names of nvim-treesitter-textobjects.

(funnel_declaration body: (funnel_body) @function.inside) @function.around
(test_declaration body: (test_body) @function.inside) @function.around
(action_declaration) @function.around

(event_declaration body: (field_list) @class.inside) @class.around
(client_declaration body: (field_list) @class.inside) @class.around

(block (chain) @block.inside) @block.around

(if_element
  condition: (_) @conditional.inside) @conditional.around
(match_element) @conditional.around
(split_element) @conditional.around
(conditional) @conditional.around

(repeat_element body: (block (chain) @loop.inside)) @loop.around

(step element: (_) @statement.inside) @statement.around
(send_element) @call.around
(do_element arguments: (named_arguments) @call.inside) @call.around
(call_element) @call.around

(pair value: (_) @parameter.inside) @parameter.around
(parameter type: (_) @parameter.inside) @parameter.around
(template_parameters parameter: (_) @parameter.inside @parameter.around)

(comment) @comment.around
(doc_comment) @comment.around
