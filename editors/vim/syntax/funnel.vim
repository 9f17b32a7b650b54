" Highlighting of funnels. Keywords are contextual: after a dot and before a colon every word is a name.
if exists('b:current_syntax')
  finish
endif
let s:cpo = &cpo
set cpo&vim

syntax case match
syntax sync fromstart

" From general to specific: if two items match at the same position, the later one wins.
syntax match funnelOperator /[-+*/<>=!]=\=\||\|?/
syntax match funnelArrow /->/
syntax match funnelRange /\.\./
syntax match funnelCall /\<\h\k*\ze(/
syntax match funnelWord /\<as\>/ nextgroup=funnelAlias skipwhite
syntax match funnelWord /\<\%(at\|by\|for\|from\|in\|last\|no\|or\|and\|not\|is\|known\|missing\|contains\|starts\|with\|matches\|where\|while\|else\|up\|to\|before\|per\|after\|until\|within\|worth\|due\|later\|key\|day\|times\|skip\|always\|once\|again\|defer\|entering\|leaving\|containing\|nothing\|case\|otherwise\|path\)\>/
syntax match funnelWord /\<list\>\ze\s*</
syntax match funnelCall /\<last\ze(/
syntax match funnelAlias /\<\h\k*/ contained
syntax match funnelFile /\<file\>\ze\s*"/
syntax match funnelConstant /\<\%(true\|false\|now\|today\|tomorrow\|monday\|tuesday\|wednesday\|thursday\|friday\|saturday\|sunday\|weekday\|weekend\)\>/
syntax match funnelBuiltin /\<\%(client\|business\)\>\ze\s*\./
syntax match funnelElement /\<\%(if\|match\|split\|parallel\|repeat\|wait\|stop\)\>/
syntax match funnelElement /\<\%(emit\|start\|goto\|do\)\>\ze\s\+\h/ nextgroup=funnelTarget skipwhite
syntax match funnelElement /\<send\>\ze\s\+\h/ nextgroup=funnelChannel skipwhite
syntax match funnelElement /\<set\>\ze\s\+\h/
syntax match funnelElement /\<\%(tag\|untag\|task\|call\)\>\ze\s*"/
syntax match funnelTarget /\<\h\k*/ contained
" A word after a channel is the name of a template, unless it is a keyword that may follow a `send`.
syntax match funnelChannel /\<\h\k*/ contained nextgroup=funnelDeclared skipwhite
syntax match funnelSetting /^\s*\zs\%(purpose\|timezone\|hours\|enter\|limit\|exit\|goal\|upgrade\)\>\ze\s/
syntax match funnelTrigger /\<\%(on\|every\)\>/
syntax match funnelTest /^\s*\zs\%(at\|until\|given\)\>/
syntax match funnelTest /\%(^\s*given\>.*\)\@<=\<\%(fails\|answers\)\>/
syntax match funnelDeclaration /^\s*\zs\%(use\|const\|client\|event\|segment\|action\|funnel\|test\)\>\ze\s*[^.:[:blank:]]/ nextgroup=funnelDeclared skipwhite
syntax match funnelDeclaration /^\s*\zstemplate\>\ze\s\+\h/ nextgroup=funnelChannel skipwhite
syntax match funnelDeclared /\<\%(\%(to\|else\|at\|expect\|case\|otherwise\|path\|file\|on\|every\)\>\)\@!\h\k*/ contained
syntax match funnelFilter /|\s*\zs\h\k*/ contained
syntax match funnelProperty /\%(\.\.\)\@2<!\.\@1<=\h\k*/
syntax match funnelLabel /\<\h\k*\ze\s*:/

syntax match funnelNumber /\<\d[0-9_]*\%(\.\d[0-9_]*\)\=%\=/
syntax match funnelNumber /\<\d[0-9_]*\%(\.\d[0-9_]*\)\=[ \t]\+\u\{3}\>/
syntax match funnelDuration /\<\%(\d[0-9_]*[ \t]*\%(s\|m\|h\|d\|w\|mo\|y\|\%(second\|minute\|hour\|day\|week\|month\|year\)s\=\)[ \t]*\)*\d[0-9_]*[ \t]*\%(s\|m\|h\|d\|w\|mo\|y\|\%(second\|minute\|hour\|day\|week\|month\|year\)s\=\)\>/
syntax match funnelTime /\<\d\d\=:\d\d\%(:\d\d\)\=\>/
syntax match funnelTime /\<\d\{4}-\d\d-\d\d\%([ \t]\+\d\d\=:\d\d\%(:\d\d\)\=\)\=\>/

" Strings, and the expressions in their placeholders.
syntax cluster funnelExpression contains=funnelOperator,funnelRange,funnelCall,funnelWord,funnelConstant,funnelBuiltin,funnelFilter,funnelProperty,funnelNumber,funnelDuration,funnelTime,funnelString
syntax region funnelString start=/"/ end=/"/ oneline contains=funnelEscape,funnelPlaceholder
syntax region funnelString start=/"""/ end=/"""/ contains=funnelEscape,funnelPlaceholder
syntax region funnelPlaceholder matchgroup=funnelBraces start=/{{/ end=/}}/ oneline contained contains=@funnelExpression,funnelTag
syntax match funnelTag /\%({{\s*\%(else\s\+\)\=\)\@<=if\>\|\%({{\s*\)\@<=end\ze\s*}}/ contained
syntax match funnelEscape /\\["\\nt{]/ contained

" An expectation of a test: names of messages and actions, except for a few keywords.
syntax region funnelExpectation matchgroup=funnelTest start=/^\s*\zsexpect\>/ end=/$/ oneline contains=funnelExpected,funnelConstant,funnelNumber,funnelDuration,funnelTime,funnelString,funnelOperator,funnelComment,funnelDocumentation
syntax match funnelExpected /\%(\<expect\s\+\)\@<=\%(at\|no\)\>/ contained
syntax match funnelExpected /\<nothing\s\+else\%(\s\+from\)\=\>/ contained
syntax match funnelExpected /\<\%(no\ze\s\+\h\|to\|containing\|for\ze\s*"\|due\ze\s*\d\|at\ze\s*\d\)\>/ contained

syntax match funnelComment /#.*/ contains=@Spell,funnelTodo
syntax match funnelDocumentation /##.*/ contains=@Spell
syntax keyword funnelTodo TODO FIXME contained

highlight default link funnelDeclaration Keyword
highlight default link funnelSetting Keyword
highlight default link funnelTrigger Keyword
highlight default link funnelTest Keyword
highlight default link funnelExpected Keyword
highlight default link funnelFile Keyword
highlight default link funnelWord Keyword
highlight default link funnelTag Keyword
highlight default link funnelElement Statement
highlight default link funnelConstant Constant
highlight default link funnelBuiltin Identifier
highlight default link funnelTarget Type
highlight default link funnelChannel Type
highlight default link funnelDeclared Function
highlight default link funnelCall Function
highlight default link funnelFilter Function
highlight default link funnelProperty Identifier
highlight default link funnelLabel Identifier
highlight default link funnelOperator Operator
highlight default link funnelArrow Operator
highlight default link funnelRange Operator
highlight default link funnelNumber Number
highlight default link funnelDuration Number
highlight default link funnelTime Number
highlight default link funnelString String
highlight default link funnelBraces Special
highlight default link funnelEscape SpecialChar
highlight default link funnelComment Comment
highlight default link funnelDocumentation SpecialComment
highlight default link funnelTodo Todo

let b:current_syntax = 'funnel'
let &cpo = s:cpo
unlet s:cpo
