(funnel_declaration "funnel" @context name: (identifier) @name) @item
(event_declaration "event" @context name: (identifier) @name) @item
(segment_declaration "segment" @context name: (identifier) @name) @item
(template_declaration "template" @context name: (identifier) @name) @item
(action_declaration "action" @context name: (identifier) @name) @item
(const_declaration "const" @context name: (identifier) @name) @item
(test_declaration "test" @context name: (string) @name) @item
