; Names and how far they reach.

[
  (funnel_declaration)
  (template_declaration)
  (entry)
  (block)
  (match_case)
  (split_case)
  (otherwise_case)
  (parallel_path)
] @local.scope

(template_parameters parameter: (identifier) @local.definition)
(trigger alias: (identifier) @local.definition)
(wait_for_element alias: (identifier) @local.definition)
(const_declaration name: (identifier) @local.definition)
(step label: (identifier) @local.definition)

(variable) @local.reference
(goto_element label: (identifier) @local.reference)
