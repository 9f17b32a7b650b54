/**
 * @file The grammar of `.funnel` files for tree-sitter.
 *
 * In: ../funnel.ebnf, which is the source of it. Out: src/parser.c, by `tree-sitter generate --abi 14`.
 * What our own parser refuses is refused here too; the few rules that a grammar cannot say are listed in README.md.
 */

/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

const ITEMS = ['use', 'const', 'client', 'event', 'segment', 'template', 'action', 'funnel', 'test', 'on', 'every'];
const SETTINGS = ['purpose', 'timezone', 'hours', 'enter', 'limit', 'exit', 'goal', 'upgrade'];
const ELEMENTS = [
  'if', 'match', 'split', 'parallel', 'repeat', 'wait', 'send', 'set', 'tag', 'untag', 'task', 'call', 'do', 'emit',
  'start', 'goto', 'stop',
];
const TEST_LINES = ['client', 'given', 'at', 'expect', 'until'];
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** Words that can follow a whole expression, so that after one they may still turn out to be a name before `:`. */
const JOINING = ['and', 'or', 'in', 'is', 'contains', 'starts', 'matches'];

/** Words that join or end expressions, so that none of them is an operand. */
const NO_OPERAND = [
  'and', 'or', 'in', 'is', 'contains', 'starts', 'matches', 'where', 'while', 'else', 'as', 'to', 'at', 'for', 'up', 'within',
  'worth', 'on', 'every', 'case', 'otherwise', 'path', 'containing',
];

/** Words that cannot name the template of a `send`. */
const NO_TEMPLATE = [
  ...ITEMS, ...SETTINGS, ...ELEMENTS, 'to', 'before', 'else', 'case', 'otherwise', 'path', 'at', 'expect',
];

/** Words that cannot name the funnel of a `stop`. */
const NO_STOPPED = [...ITEMS, ...SETTINGS, ...ELEMENTS, 'case', 'otherwise', 'path'];

/** Words that cannot name the topic of a purpose. */
const NO_TOPIC = [...ITEMS, ...SETTINGS, ...ELEMENTS];

const DIGITS = /[0-9][0-9_]*/;
const NUMBER = seq(DIGITS, optional(seq('.', DIGITS)));
const BLANKS = /[ \t\u00a0]+/;
const LONG_UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year'];
const UNITS = ['s', 'm', 'h', 'd', 'w', 'mo', 'y', ...LONG_UNITS, ...LONG_UNITS.map((unit) => `${unit}s`)];
const TIME = /([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?|24:00(:00)?/;
const LEAP_YEAR = /[0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00/;
const DATE = choice(
  /[0-9]{4}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])/,
  /[0-9]{4}-(0[469]|11)-(0[1-9]|[12][0-9]|30)/,
  /[0-9]{4}-02-(0[1-9]|1[0-9]|2[0-8])/,
  seq(LEAP_YEAR, '-02-29'),
);

/** One or more, with a separator between two. */
const separated = (separator, rule) => seq(rule, repeat(seq(separator, rule)));

/** Parts with or without commas between them, in brackets. */
const listed = (open, part, close) => seq(open, optional(seq(part, repeat(choice(',', part)))), close);

/**
 * A word that is refused where a name may stand, although the grammar would not ask for it as a keyword there. Where it can
 * be a keyword, the other way to go on must have precedence.
 */
const refused = ($, words) => seq(words.length > 1 ? choice(...words) : words[0], $._refused);

/** A part of a string that depends on conditions. */
const conditional = ($, part) =>
  seq(
    $.if_tag,
    repeat(choice(part, $.else_if_tag)),
    optional(seq($.else_tag, repeat(part))),
    $.end_tag,
  );

/** A name before `:`, which is never a keyword; `words` are those that could be keywords at this place. */
const label = ($, words) => choice($.identifier, alias(choice(...words), $.identifier));

export default grammar({
  name: 'funnel',

  word: ($) => $.identifier,

  extras: ($) => [/[ \t\r\n\u00a0\ufeff]/, $.comment, $.doc_comment],

  supertypes: ($) => [$.item, $.setting, $.element, $.expression],

  precedences: (_) => [['minus', 'product', 'sum'], ['and', 'or']],

  // A word that joins expressions may be the name of what comes next, which only the `:` behind it shows.
  conflicts: ($) => [
    [$.field],
    [$.later],
    [$.later, $._joined],
    [$.pair, $._joined],
    [$._data_pair, $._joined],
    [$._condition, $._comparison],
    [$._condition, $.is_expression],
    [$.number, $.duration],
    [$._expectation],
    [$._clause],
  ],

  rules: {
    source_file: ($) => repeat($.item),

    item: ($) =>
      choice(
        $.use_declaration,
        $.const_declaration,
        $.client_declaration,
        $.event_declaration,
        $.segment_declaration,
        $.template_declaration,
        $.action_declaration,
        $.funnel_declaration,
        $.test_declaration,
        $.entry,
      ),

    // ---- Declarations

    use_declaration: ($) => seq('use', field('path', $.string)),

    const_declaration: ($) => seq('const', field('name', $.identifier), '=', field('value', $.expression)),

    segment_declaration: ($) => seq('segment', field('name', $.identifier), '=', field('condition', $.expression)),

    client_declaration: ($) => seq('client', field('body', $.field_list)),

    event_declaration: ($) => seq('event', field('name', $.identifier), field('body', $.field_list)),

    template_declaration: ($) =>
      seq(
        'template',
        field('channel', $.identifier),
        field('name', $.identifier),
        optional(field('parameters', $.template_parameters)),
        '=',
        field('body', choice($.string, $.record, $.file)),
      ),

    template_parameters: ($) => seq('(', separated(',', field('parameter', $.identifier)), ')'),

    action_declaration: ($) =>
      seq('action', field('name', $.identifier), field('parameters', $.action_parameters)),

    action_parameters: ($) => seq('(', optional(seq(separated(',', $.parameter), optional(','))), ')'),

    parameter: ($) => seq(field('name', $.identifier), ':', field('type', $.type)),

    field_list: ($) => listed('{', $.field, '}'),

    field: ($) =>
      seq(
        optional('key'),
        field('name', label($, ['key', 'later', 'from', 'by', ...JOINING, ...UNITS])),
        ':',
        field('type', $.type),
        optional(field('later', $.later)),
      ),

    later: ($) =>
      seq('later', optional(seq('from', field('from', $.expression))), optional(seq('by', field('by', $.expression)))),

    type: ($) => seq(separated('|', choice($.list_type, alias($.identifier, $.type_identifier), $.string)), optional('?')),

    list_type: ($) => seq('list', '<', field('of', $.type), '>'),

    file: ($) => seq('file', field('path', $.string)),

    record: ($) => listed('{', $.pair, '}'),

    pair: ($) =>
      seq(field('key', label($, [...JOINING, ...UNITS])), ':', field('value', choice($.expression, $.file))),

    // ---- Funnels

    funnel_declaration: ($) =>
      seq(
        'funnel',
        field('name', $.identifier),
        optional(field('title', $.string)),
        field('body', $.funnel_body),
      ),

    funnel_body: ($) => seq('{', repeat($.setting), repeat($.entry), '}'),

    setting: ($) =>
      choice(
        $.purpose_setting,
        $.timezone_setting,
        $.hours_setting,
        $.enter_setting,
        $.limit_setting,
        $.exit_setting,
        $.goal_setting,
        $.upgrade_setting,
      ),

    purpose_setting: ($) =>
      choice(
        prec(1, seq('purpose', field('purpose', $.identifier), optional(field('topic', $.identifier)))),
        seq('purpose', field('purpose', $.identifier), alias($._no_topic, $.reserved_word)),
      ),

    timezone_setting: ($) =>
      seq('timezone', field('zone', $.expression), optional(seq('else', field('default', $.expression)))),

    hours_setting: ($) => seq('hours', separated(',', $.window)),

    window: ($) => seq(optional(field('days', $.days)), field('from', $.time), '..', field('to', $.time)),

    days: ($) => separated(',', $.day_range),

    day_range: ($) =>
      choice(seq(field('from', $.weekday), optional(seq('..', field('to', $.weekday)))), $.day_set),

    day_set: (_) => choice('weekday', 'weekend'),

    weekday: (_) => choice(...WEEKDAYS),

    enter_setting: ($) =>
      seq(
        'enter',
        choice('always', seq('once', optional(seq('per', field('per', $.expression)))), seq('again', 'after', field('after', $.duration))),
      ),

    limit_setting: ($) =>
      seq(
        'limit',
        field('count', $.number),
        field('channel', $.identifier),
        'per',
        field('per', $.duration),
        optional(seq('else', choice('skip', seq('defer', 'up', 'to', field('defer', $.duration))))),
      ),

    exit_setting: ($) => seq('exit', 'on', $._happenings, optional($.where_clause)),

    goal_setting: ($) =>
      seq(
        'goal',
        'on',
        $._happenings,
        optional($.where_clause),
        optional(seq('within', field('within', $.duration))),
        optional(seq('worth', field('worth', $.expression))),
      ),

    upgrade_setting: ($) => seq('upgrade', field('policy', $.identifier)),

    entry: ($) => seq(field('trigger', $.trigger), '->', field('chain', $.chain)),

    trigger: ($) =>
      seq(
        choice(
          seq('on', choice($.segment_change, $.silence_trigger, $.start_trigger, $.once_trigger, $.date_trigger, $._events)),
          seq('every', field('schedule', $.schedule), optional(seq('for', field('segment', $.identifier)))),
        ),
        optional(seq('as', field('alias', $.identifier))),
        optional($.where_clause),
        optional($.while_clause),
      ),

    segment_change: ($) => seq(choice('entering', 'leaving'), field('segment', $.identifier)),

    silence_trigger: ($) => seq('no', field('event', $.identifier), 'for', field('for', $.duration)),

    start_trigger: ($) => seq('start', optional(seq('with', field('event', $.identifier)))),

    once_trigger: ($) =>
      seq(
        choice(field('moment', $.date_time), seq(field('date', $.date), 'at', field('at', $.time))),
        optional(seq('for', field('segment', $.identifier))),
      ),

    date_trigger: ($) =>
      seq(
        field('date', $.event_path),
        choice(
          seq('at', field('at', $.time)),
          seq(
            field('operator', choice('+', '-')),
            field('shift', $.duration),
            optional(seq('at', field('at', $.time))),
          ),
        ),
      ),

    _events: ($) => separated('or', field('event', $.event_path)),

    _happenings: ($) => separated('or', choice(field('event', $.event_path), $.segment_change)),

    event_path: ($) => seq(field('event', $.identifier), optional(seq('.', field('field', $.identifier)))),

    schedule: ($) =>
      choice(
        seq('day', optional('at'), field('at', $.time)),
        seq(field('days', $.days), optional('at'), field('at', $.time)),
        seq(field('interval', $.duration), optional(seq('at', field('at', $.time)))),
        field('rule', $.string),
      ),

    where_clause: ($) => seq('where', field('condition', $.expression)),

    while_clause: ($) => seq('while', field('condition', $.expression)),

    // ---- Chains

    chain: ($) => separated('->', $.step),

    step: ($) => seq(optional(seq(field('label', label($, ELEMENTS)), ':')), field('element', $.element)),

    block: ($) => seq('{', $.chain, '}'),

    element: ($) =>
      choice(
        $.if_element,
        $.match_element,
        $.split_element,
        $.parallel_element,
        $.repeat_element,
        $.wait_element,
        $.wait_until_element,
        $.wait_for_element,
        $.send_element,
        $.set_element,
        $.tag_element,
        $.task_element,
        $.call_element,
        $.do_element,
        $.emit_element,
        $.start_element,
        $.goto_element,
        $.stop_element,
      ),

    if_element: ($) =>
      seq(
        'if',
        field('condition', $.expression),
        optional(
          seq(
            field('consequence', $.block),
            optional(seq('else', field('alternative', choice($.block, $.if_element)))),
          ),
        ),
      ),

    match_element: ($) =>
      seq(
        'match',
        field('subject', $.expression),
        '{',
        repeat($.match_case),
        optional(seq($.otherwise_case, repeat($.match_case))),
        '}',
      ),

    match_case: ($) =>
      seq('case', separated(',', field('value', choice($.expression, $.range))), '->', field('chain', $.chain)),

    range: ($) => seq(field('from', $.expression), '..', field('to', $.expression)),

    split_element: ($) =>
      seq(
        'split',
        optional(field('name', $.string)),
        '{',
        repeat($.split_case),
        optional(seq($.otherwise_case, repeat($.split_case))),
        '}',
      ),

    split_case: ($) => seq('case', field('share', $.percent), '->', field('chain', $.chain)),

    otherwise_case: ($) => seq('otherwise', '->', field('chain', $.chain)),

    parallel_element: ($) => seq('parallel', '{', repeat($.parallel_path), '}'),

    parallel_path: ($) => seq('path', '->', field('chain', $.chain)),

    repeat_element: ($) => seq('repeat', field('times', $.number), 'times', field('body', $.block)),

    wait_element: ($) =>
      seq('wait', field('duration', $.duration), optional(seq('at', field('at', $.time)))),

    wait_until_element: ($) =>
      seq(
        'wait',
        'until',
        field('moment', $.expression),
        optional($._at_time),
        optional(seq('else', field('alternative', choice('skip', 'stop', $.block)))),
      ),

    wait_for_element: ($) =>
      seq(
        'wait',
        'for',
        $._happenings,
        optional(seq('as', field('alias', $.identifier))),
        optional($.where_clause),
        optional(seq('up', 'to', field('up_to', $.expression), optional($._at_time))),
        optional(field('consequence', $.block)),
        optional(seq('else', field('alternative', choice('skip', 'stop', $.block)))),
      ),

    _at_time: ($) => seq('at', field('at', $.time)),

    _else: ($) => seq('else', field('alternative', $.block)),

    send_element: ($) =>
      choice(
        prec(
          1,
          seq(
            'send',
            field('channel', $.identifier),
            optional(
              choice(
                field('body', choice($.string, $.record, $.file)),
                field('template', choice($.identifier, alias('file', $.identifier))),
              ),
            ),
            optional(seq('to', field('to', $.expression))),
            optional(seq('before', field('before', $.expression), optional($._at_time))),
            optional($._else),
          ),
        ),
        seq('send', field('channel', $.identifier), alias($._no_template, $.reserved_word)),
        seq('send', alias($._no_channel, $.reserved_word)),
      ),

    set_element: ($) =>
      seq('set', choice(field('target', $.path), alias($._no_target, $.reserved_word)), choice('=', '+=', '-='), field('value', $.expression)),

    path: ($) => separated('.', $.identifier),

    tag_element: ($) => seq(choice('tag', 'untag'), field('tag', $.string)),

    task_element: ($) =>
      seq(
        'task',
        field('text', $.string),
        optional(seq('for', field('for', $.string))),
        optional(seq('due', field('due', $.duration), optional(seq('at', field('at', $.time))))),
      ),

    call_element: ($) =>
      seq(
        'call',
        field('url', $.string),
        optional(field('body', $.record)),
        optional($._answer),
        optional($._else),
      ),

    _answer: ($) => seq('as', field('answer', $.identifier)),

    do_element: ($) =>
      seq(
        'do',
        choice(field('action', $.identifier), alias($._no_action, $.reserved_word)),
        field('arguments', $.named_arguments),
        optional($._answer),
        optional($._else),
      ),

    named_arguments: ($) => listed('(', alias($._data_pair, $.pair), ')'),

    _data_pair: ($) => seq(field('key', label($, [...JOINING, ...UNITS])), ':', field('value', $.expression)),

    emit_element: ($) =>
      seq(
        'emit',
        choice(field('event', $.identifier), alias($._no_event, $.reserved_word)),
        optional(field('data', $.record)),
      ),

    start_element: ($) =>
      seq('start', choice(field('funnel', $.identifier), alias($._no_funnel, $.reserved_word))),

    goto_element: ($) => seq('goto', choice(field('label', $.identifier), alias($._no_label, $.reserved_word))),

    stop_element: ($) =>
      choice(
        prec(1, seq('stop', optional(field('funnel', $.identifier)))),
        seq('stop', alias($._no_stopped, $.reserved_word)),
      ),

    // ---- Tests

    test_declaration: ($) => seq('test', field('name', $.string), field('body', $.test_body)),

    test_body: ($) =>
      seq('{', repeat(choice($.client_line, $.given_line, $.event_line, $.expect_line, $.until_line)), '}'),

    client_line: ($) => seq('client', field('data', alias($._data, $.record))),

    given_line: ($) =>
      seq(
        'given',
        optional(seq('at', field('at', $.expression))),
        field('provider', $.identifier),
        optional(field('action', $.identifier)),
        optional(field('url', $.string)),
        choice(
          seq('fails', optional(field('reason', $.string))),
          seq('answers', field('data', alias($._data, $.record))),
        ),
      ),

    event_line: ($) =>
      seq('at', field('at', $.expression), field('event', $.identifier), field('data', alias($._data, $.record))),

    _data: ($) => listed('{', alias($._data_pair, $.pair), '}'),

    expect_line: ($) =>
      seq(
        'expect',
        optional(seq('at', field('at', $.expression))),
        choice(seq('nothing', 'else', optional(seq('from', field('from', $.identifier)))), $._expectation),
      ),

    _expectation: ($) =>
      seq(
        optional('no'),
        choice(field('kind', $.identifier), alias($._no_happening, $.reserved_word)),
        optional(
          seq(
            optional(seq('client', '.')),
            field('target', $.identifier),
            optional(field('template', $.identifier)),
          ),
        ),
        optional(field('text', $.string)),
        optional(field('arguments', $.named_arguments)),
        optional(field('data', $.record)),
        repeat($._clause),
      ),

    _clause: ($) =>
      choice(
        seq('to', field('to', $.expression)),
        seq('for', field('for', $.string)),
        seq('due', field('due', $.duration), optional(seq('at', field('due_at', $.time)))),
        seq('=', field('value', $.expression)),
        seq('containing', field('containing', $.string)),
      ),

    until_line: ($) => seq('until', field('until', $.expression)),

    // ---- Expressions
    //
    // Comparisons do not chain, and `not` reaches to the end of a comparison. So operands are of two sorts: those that
    // may stand at the left of an operator, and those that end in what a `not` denies.

    expression: ($) => choice($._condition, alias($._joined, $.binary_expression)),

    _joined: ($) =>
      choice(
        prec.left('or', seq(field('left', $.expression), field('operator', 'or'), field('right', $.expression))),
        prec.left('and', seq(field('left', $.expression), field('operator', 'and'), field('right', $.expression))),
      ),

    _condition: ($) =>
      choice($._sum, $._denied, alias($._comparison, $.binary_expression), $.is_expression),

    _comparison: ($) =>
      seq(
        field('left', $._sum),
        field('operator', choice('==', '!=', '<', '<=', '>', '>=', 'in', 'contains', $.starts_with, 'matches')),
        field('right', choice($._sum, $._denied)),
      ),

    starts_with: (_) => seq('starts', 'with'),

    is_expression: ($) =>
      seq(
        field('value', $._sum),
        'is',
        choice(field('state', choice('known', 'missing')), seq(optional('not'), 'in', field('funnel', $.identifier))),
      ),

    _sum: ($) => choice($._operand, alias($._closed_unary, $.unary_expression), alias($._closed_binary, $.binary_expression)),

    _closed_unary: ($) => prec('minus', seq(field('operator', '-'), field('argument', $._sum))),

    _closed_binary: ($) =>
      choice(
        prec.left('sum', seq(field('left', $._sum), field('operator', choice('+', '-')), field('right', $._sum))),
        prec.left('product', seq(field('left', $._sum), field('operator', choice('*', '/')), field('right', $._sum))),
      ),

    _denied: ($) =>
      choice(
        alias($._denial, $.unary_expression),
        alias($._open_unary, $.unary_expression),
        alias($._open_binary, $.binary_expression),
      ),

    _denial: ($) => seq(field('operator', 'not'), field('argument', $._condition)),

    _open_unary: ($) => prec('minus', seq(field('operator', '-'), field('argument', $._denied))),

    _open_binary: ($) =>
      choice(
        prec.left('sum', seq(field('left', $._sum), field('operator', choice('+', '-')), field('right', $._denied))),
        prec.left('product', seq(field('left', $._sum), field('operator', choice('*', '/')), field('right', $._denied))),
      ),

    _operand: ($) =>
      choice(
        $.number,
        $.percent,
        $.money,
        $.duration,
        $.time,
        $.date,
        $.date_time,
        $.boolean,
        $.now,
        $.day,
        $.string,
        $.list,
        $.parenthesized_expression,
        $.history_call,
        $.member_expression,
        alias($.identifier, $.variable),
        alias('file', $.variable),
        alias('end', $.variable),
        alias($._no_operand, $.reserved_word),
      ),

    boolean: (_) => choice('true', 'false'),

    now: (_) => 'now',

    day: ($) => prec.right(seq(choice('today', 'tomorrow', $.weekday, $.day_set), optional(field('at', $.time)))),

    list: ($) => seq('[', optional(separated(',', $.expression)), ']'),

    parenthesized_expression: ($) => seq('(', $.expression, ')'),

    member_expression: ($) => seq(field('object', $._operand), '.', field('property', $.identifier)),

    history_call: ($) =>
      seq(
        field('function', $.identifier),
        '(',
        field('event', $.identifier),
        optional(seq('.', field('field', $.identifier))),
        optional(seq('in', 'last', field('last', $.duration))),
        optional($.where_clause),
        ')',
      ),

    // ---- Texts

    string: ($) =>
      choice(
        seq(
          '"',
          repeat(choice(alias($._line_content, $.string_content), alias($._line_conditional, $.conditional), $._piece)),
          token.immediate('"'),
        ),
        seq(
          '"""',
          repeat(choice(alias($._block_content, $.string_content), alias($._block_conditional, $.conditional), $._piece)),
          token.immediate(prec(2, '"""')),
        ),
      ),

    _line_content: (_) =>
      choice(token.immediate(prec(1, /(\{?[^"\\\n{])+/)), token.immediate(prec(1, /\{/))),

    _block_content: (_) =>
      choice(token.immediate(prec(1, /(\{?"?"?[^"\\{])+/)), token.immediate(prec(1, /\{"?"?|""?/))),

    _piece: ($) => choice($.escape_sequence, $.interpolation, $._stray_end),

    _line_conditional: ($) =>
      conditional($, choice(alias($._line_content, $.string_content), alias($._line_conditional, $.conditional), $._piece)),

    _block_conditional: ($) =>
      conditional($, choice(alias($._block_content, $.string_content), alias($._block_conditional, $.conditional), $._piece)),

    if_tag: ($) => seq(token.immediate(prec(2, '{{')), 'if', field('condition', $.expression), '}}'),

    else_if_tag: ($) => seq(token.immediate(prec(2, '{{')), 'else', 'if', field('condition', $.expression), '}}'),

    else_tag: (_) => seq(token.immediate(prec(2, '{{')), 'else', '}}'),

    // A field with this name is written with its event.
    end_tag: (_) => prec(1, seq(token.immediate(prec(2, '{{')), 'end', '}}')),

    _stray_end: ($) => prec(1, seq(token.immediate(prec(2, '{{')), 'end', '}}', $._refused)),

    escape_sequence: (_) => token.immediate(prec(1, /\\["\\nt{]/)),

    interpolation: ($) =>
      seq(
        token.immediate(prec(2, '{{')),
        field('value', $.expression),
        repeat(seq('|', field('filter', $.filter))),
        '}}',
      ),

    filter: ($) => seq(field('name', $.identifier), optional(field('arguments', $.arguments))),

    arguments: ($) => seq('(', separated(',', $.expression), ')'),

    // ---- Tokens

    identifier: (_) => /[_\p{XID_Start}]\p{XID_Continue}*/,

    number: ($) => choice($._integer, $._fraction, seq($._malformed, $._refused)),

    _integer: (_) => token(DIGITS),

    _fraction: (_) => token(seq(DIGITS, '.', DIGITS)),

    percent: (_) => token(seq(NUMBER, '%')),

    money: (_) => token(seq(NUMBER, BLANKS, /[A-Z]{3}/)),

    // A unit after a blank is a word of its own: `5 within` is no duration of weeks.
    duration: ($) => prec.right(repeat1(choice($._joined_duration, seq($._integer, choice(...UNITS))))),

    _joined_duration: (_) => token(prec(1, repeat1(seq(DIGITS, choice(...UNITS))))),

    time: (_) => token(prec(1, TIME)),

    date: (_) => token(prec(1, DATE)),

    date_time: (_) => token(prec(1, seq(DATE, BLANKS, TIME))),

    // What begins with a digit and is no literal. Without this its beginning would be one.
    _malformed: (_) =>
      token(
        choice(
          /[0-9]\p{XID_Continue}*(\.[0-9]\p{XID_Continue}*)?%?/,
          /[0-9]+:[0-9]\p{XID_Continue}*(:[0-9]\p{XID_Continue}*)?/,
          /[0-9]{4}-[0-9]+-[0-9]\p{XID_Continue}*(:[0-9]\p{XID_Continue}*)*/,
          /[0-9]{1,2}[.\/][0-9]{1,2}[.\/][0-9]{4}/,
          /[0-9]{4}[.\/][0-9]{1,2}[.\/][0-9]{1,2}/,
        ),
      ),

    comment: (_) => token(/#([^#\n][^\n]*)?/),

    doc_comment: (_) => token(/##[^\n]*/),

    _no_operand: ($) => refused($, NO_OPERAND),
    _no_template: ($) => refused($, NO_TEMPLATE),
    _no_topic: ($) => refused($, NO_TOPIC),
    _no_stopped: ($) => refused($, NO_STOPPED),
    _no_happening: ($) => refused($, TEST_LINES),

    // A word said twice names nothing the second time.
    _no_channel: ($) => refused($, ['send']),
    _no_target: ($) => refused($, ['set']),
    _no_action: ($) => refused($, ['do']),
    _no_event: ($) => refused($, ['emit']),
    _no_funnel: ($) => refused($, ['start']),
    _no_label: ($) => refused($, ['goto']),

    // Characters that are in no text: what needs them is never found.
    _refused: (_) => token('\u{10ffff}\u{10ffff}'),
  },
});
