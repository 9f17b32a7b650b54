// Scopes of each class of tokens, each class in a colour of its own; of two scopes that fit, the longer counts.
export const classes = {
  documentation: ["#000001", ["comment.line.number-sign.documentation"]],
  comment: ["#000002", ["comment"]],
  keyword: ["#000003", ["keyword.control", "keyword.other", "storage", "keyword.operator.word"]],
  function: ["#000004", ["entity.name.function", "support.function"]],
  string: ["#000005", ["string"]],
  number: ["#000006", ["constant.numeric"]],
  operator: ["#000007", ["keyword.operator"]],
  name: ["#000008", ["variable.other.member", "variable.other.property", "entity.name.label"]],
  hole: ["#000009", ["punctuation.section.interpolation"]],
  escape: ["#00000a", ["constant.character.escape"]],
  constant: ["#00000b", ["constant.language"]],
};
