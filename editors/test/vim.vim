" Tests the installed plugin in Vim. In: folders in environment variables. Out: one line per check, and the exit code.
let s:data = $FUNNEL_DATA
let s:project = $FUNNEL_PROJECT
let s:failed = 0

function! s:report(what, good, more) abort
  call writefile([(a:good ? 'ok ' : 'FAILED ') . a:what . (a:good ? '' : ': ' . a:more)], $FUNNEL_OUT, 'a')
  let s:failed = s:failed || !a:good
endfunction

" The highlight groups of each kind of token; an empty name is no group.
let s:kinds = {
      \ 'doc': ['SpecialComment'], 'comment': ['Comment'], 'keyword': ['Keyword', 'Statement', 'Constant'],
      \ 'name': ['Function', 'Identifier', 'Type', ''], 'text': ['String'], 'escape': ['SpecialChar'], 'number': ['Number'],
      \ 'operator': ['Operator'], 'hole': ['Special'], 'bracket': [''], 'separator': [''] }

function! s:colors() abort
  execute 'edit' s:data . '/highlight/plain.funnel'
  let [wrong, looked] = [[], 0]
  for row in readfile(s:data . '/highlight/plain.tokens')
    let [_, line, column, kind; _] = matchlist(row, '^\(\d\+\):\(\d\+\) \(\l\+\) ')
    let group = synIDattr(synID(line, byteidx(getline(line), column - 1) + 1, 1), 'name')
    " The group that this one links to; further links depend on the color scheme.
    let linked = empty(group) ? '' : matchstr(execute('highlight ' . group), 'links to \zs\w*')
    let looked += 1
    if index(s:kinds[kind], linked) < 0
      call add(wrong, row . ' but is ' . group . ' ' . linked)
    endif
  endfor
  call s:report('highlighting', empty(wrong) && looked > 150, join(wrong, '; '))
endfunction

function! s:indentation() abort
  let g:funnel_format_on_save = 0
  let wrong = []
  for file in glob($FUNNEL_EXAMPLES . '/*/*.funnel', 0, 1)
    execute 'edit' file
    let before = getline(1, '$')
    silent normal! gg=G
    if getline(1, '$') !=# before
      call add(wrong, file)
    endif
    set nomodified
  endfor
  unlet g:funnel_format_on_save
  call s:report('indentation of formatted files', empty(wrong), join(wrong, '; '))
endfunction

function! s:findings() abort
  execute 'edit' s:project . '/came.funnel'
  compiler funnelc
  silent make! %
  let found = filter(getqflist(), 'v:val.valid')
  let good = len(found) == 1 && found[0].lnum == 2 && found[0].col == 18 && found[0].nr == 201
        \ && found[0].text =~# 'attendd.*; did you mean `attended`?$'
  call s:report('findings by :make', good, string(getqflist()))
  silent !funnelc check --fix % >/dev/null 2>&1
  edit!
  call s:report('a quick fix', getline(2) =~# 'if attended ->', getline(2))
endfunction

function! s:formatting() abort
  execute 'edit' s:project . '/layout.funnel'
  silent write!
  let line = readfile(s:project . '/layout.funnel')[1]
  call s:report('formatting on save', line =~# '^  on visit -> wait 3d -> send sms', line)
  call setline(1, ['on visit->stop', 'on ->'])
  silent write!
  call s:report('a file with errors is left unchanged', getline(1) ==# 'on visit->stop', getline(1))
endfunction

try
  call s:colors()
  call s:indentation()
  call s:findings()
  call s:formatting()
catch
  call s:report('all', 0, v:exception . ' ' . v:throwpoint)
endtry
execute s:failed ? 'cquit' : 'qall!'
