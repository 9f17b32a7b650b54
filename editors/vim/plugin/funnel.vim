" Runs when Vim starts: formatting on save, and the language server for plugins that support one.
if exists('g:loaded_funnel')
  finish
endif
let g:loaded_funnel = 1

function! s:program() abort
  let language = exists('g:funnel_language') ? ['--lang', g:funnel_language] : []
  return [get(g:, 'funnel_program', 'funnelc')] + language
endfunction

" Formats the buffer; a text with syntax errors is left unchanged.
function! s:format() abort
  if !get(g:, 'funnel_format_on_save', 1) || !executable(s:program()[0])
    return
  endif
  let before = getline(1, '$')
  let after = systemlist(join(map(s:program() + ['fmt', '-'], 'shellescape(v:val)')) . ' 2>' . (has('win32') ? 'NUL' : '/dev/null'), before)
  if v:shell_error != 0 || after ==# before
    return
  endif
  let view = winsaveview()
  call setline(1, after)
  if len(before) > len(after)
    call deletebufline('%', len(after) + 1, '$')
  endif
  call winrestview(view)
endfunction

" Decodes messages of several lines, which `--format github` joins into one.
function! s:sentences() abort
  let items = getqflist()
  if get(b:, 'current_compiler', get(g:, 'current_compiler', '')) !=# 'funnelc'
    return
  endif
  call map(items, {_, item -> extend(item, {'text': substitute(substitute(item.text, '%0A', '; ', 'g'), '%25', '%', 'g')})})
  call setqflist(items, 'r')
endfunction

augroup funnel
  autocmd!
  autocmd QuickFixCmdPost make,lmake call s:sentences()
  autocmd BufWritePre *.funnel call s:format()
  " github.com/yegappan/lsp
  autocmd User LspSetup call LspAddServer([#{
        \ name: 'funnelc', filetype: 'funnel', path: s:program()[0], args: s:program()[1:] + ['lsp'],
        \ rootSearch: ['funnel.toml', '.git/'] }])
  " github.com/prabirshrestha/vim-lsp
  autocmd User lsp_setup call lsp#register_server(#{
        \ name: 'funnelc', cmd: s:program() + ['lsp'], allowlist: ['funnel'],
        \ root_uri: {info -> lsp#utils#path_to_uri(lsp#utils#find_nearest_parent_file_directory(
        \   lsp#utils#get_buffer_path(), ['funnel.toml', '.git/']))} })
augroup END
