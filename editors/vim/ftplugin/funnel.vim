" Sets up a funnel buffer: comments, indentation and formatting.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal commentstring=#\ %s comments=:##,:#
setlocal expandtab shiftwidth=2 softtabstop=2
setlocal suffixesadd=.funnel
let &l:formatprg = get(g:, 'funnel_program', 'funnelc') . ' fmt -'
let b:undo_ftplugin = 'setlocal commentstring< comments< expandtab< shiftwidth< softtabstop< suffixesadd< formatprg<'
