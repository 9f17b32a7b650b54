; Parts to select, by the names of nvim-treesitter-textobjects.

(funnel_declaration body: (funnel_body) @function.inner) @function.outer
(test_declaration body: (test_body) @function.inner) @function.outer
(action_declaration) @function.outer

(event_declaration body: (field_list) @class.inner) @class.outer
(client_declaration body: (field_list) @class.inner) @class.outer

(block (chain) @block.inner) @block.outer

(if_element
  condition: (_) @conditional.inner) @conditional.outer
(match_element) @conditional.outer
(split_element) @conditional.outer
(conditional) @conditional.outer

(repeat_element body: (block (chain) @loop.inner)) @loop.outer

(step element: (_) @statement.inner) @statement.outer
(send_element) @call.outer
(do_element arguments: (named_arguments) @call.inner) @call.outer
(call_element) @call.outer

(pair value: (_) @parameter.inner) @parameter.outer
(parameter type: (_) @parameter.inner) @parameter.outer
(template_parameters parameter: (_) @parameter.inner @parameter.outer)

(comment) @comment.outer
(doc_comment) @comment.outer
