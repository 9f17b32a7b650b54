" What Vim does with the plugin as it was installed. In: the folders that the environment names. Out: a line for each
" thing that was tried, and the exit code.
let s:data = $FUNNEL_DATA
let s:project = $FUNNEL_PROJECT
let s:failed = 0

function! s:said(what, good, more) abort
  call writefile([(a:good ? 'ok ' : 'FAILED ') . a:what . (a:good ? '' : ': ' . a:more)], $FUNNEL_OUT, 'a')
  let s:failed = s:failed || !a:good
endfunction

" Groups of each kind; what has none is shown as any text.
let s:kinds = {
      \ 'doc': ['SpecialComment'], 'comment': ['Comment'], 'keyword': ['Keyword', 'Statement', 'Constant'],
      \ 'name': ['Function', 'Identifier', 'Type', ''], 'text': ['String'], 'escape': ['SpecialChar'], 'number': ['Number'],
      \ 'operator': ['Operator'], 'hole': ['Special'], 'bracket': [''], 'separator': [''] }

function! s:colours() abort
  execute 'edit' s:data . '/highlight/plain.funnel'
  let [wrong, looked] = [[], 0]
  for row in readfile(s:data . '/highlight/plain.tokens')
    let [_, line, column, kind; _] = matchlist(row, '^\(\d\+\):\(\d\+\) \(\l\+\) ')
    let group = synIDattr(synID(line, byteidx(getline(line), column - 1) + 1, 1), 'name')
    " The group that the colour of this one is said to be; what that one is linked to is a matter of the theme.
    let linked = empty(group) ? '' : matchstr(execute('highlight ' . group), 'links to \zs\w*')
    let looked += 1
    if index(s:kinds[kind], linked) < 0
      call add(wrong, row . ' but is ' . group . ' ' . linked)
    endif
  endfor
  call s:said('colours', empty(wrong) && looked > 150, join(wrong, '; '))
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
  call s:said('indentation as it is laid out', empty(wrong), join(wrong, '; '))
endfunction

function! s:findings() abort
  execute 'edit' s:project . '/came.funnel'
  compiler funnelc
  silent make! %
  let found = filter(getqflist(), 'v:val.valid')
  let good = len(found) == 1 && found[0].lnum == 2 && found[0].col == 18 && found[0].nr == 201
        \ && found[0].text =~# 'attendd.*; did you mean `attended`?$'
  call s:said('findings by :make', good, string(getqflist()))
  silent !funnelc check --fix % >/dev/null 2>&1
  edit!
  call s:said('a mend that is applied', getline(2) =~# 'if attended ->', getline(2))
endfunction

function! s:layout() abort
  execute 'edit' s:project . '/layout.funnel'
  silent write!
  let line = readfile(s:project . '/layout.funnel')[1]
  call s:said('layout when a file is written', line =~# '^  on visit -> wait 3d -> send sms', line)
  call setline(1, ['on visit->stop', 'on ->'])
  silent write!
  call s:said('a text with faults is left as it is', getline(1) ==# 'on visit->stop', getline(1))
endfunction

try
  call s:colours()
  call s:indentation()
  call s:findings()
  call s:layout()
catch
  call s:said('all', 0, v:exception . ' ' . v:throwpoint)
endtry
execute s:failed ? 'cquit' : 'qall!'
