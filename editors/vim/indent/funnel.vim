" Indents a line like `funnelc fmt`, as far as a single line allows.
if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal indentexpr=FunnelIndent(v:lnum)
setlocal indentkeys=0{,0},0),0],!^F,o,O,0-,0>,e
let b:undo_indent = 'setlocal indentexpr< indentkeys<'

if exists('*FunnelIndent')
  finish
endif

let s:skip = 'synIDattr(synID(line("."), col("."), 0), "name") =~# "String\\|Escape\\|Braces\\|Comment\\|Documentation"'

" The base indentation of a block that opens on this line: after the arrow, if there is one.
function! s:base(number) abort
  return indent(a:number) + (getline(a:number) =~# '^\s*->' ? 3 : 0)
endfunction

" The line and column of the innermost bracket that is open at the start of this line.
function! s:opener(number) abort
  let view = winsaveview()
  call cursor(a:number, 1)
  let found = searchpairpos('[{(\[]', '', '[]})]', 'bnW', s:skip)
  call winrestview(view)
  return found
endfunction

function! FunnelIndent(number) abort
  if synIDattr(get(synstack(a:number, 1), 0, 0), 'name') ==# 'funnelString'
    return -1
  endif
  " A comment is indented like the line below it, or like the block that ends there.
  let below = a:number
  while getline(below) =~# '^\s*#' && below < line('$')
    let below = below + 1
  endwhile
  let line = getline(below)
  let arrow = line =~# '^\s*->'
  let [opener, column] = s:opener(a:number)
  if opener == 0
    return arrow ? shiftwidth() : 0
  endif
  if below == a:number && line =~# '^\s*[]})]'
    return s:base(opener)
  endif
  " In a block with several paths, arrows are indented one level deeper than in a chain.
  let before = strpart(getline(opener), 0, column - 1)
  let paths = before =~# '\<\%(funnel\|match\|split\|parallel\)\>[^{]*$'
  return s:base(opener) + shiftwidth() * (arrow && paths ? 2 : 1)
endfunction
