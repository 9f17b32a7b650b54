" `:make` checks the project, or the given files, and fills the quickfix list.
if exists('current_compiler')
  finish
endif
let current_compiler = 'funnelc'

if exists(':CompilerSet') != 2
  command -nargs=* CompilerSet setlocal <args>
endif

execute 'CompilerSet makeprg=' . escape(get(g:, 'funnel_program', 'funnelc'), ' \|"') . '\ check\ --format\ github'
CompilerSet errorformat=
      \::%trror\ file=%f\\,line=%l\\,endLine=%e\\,col=%c\\,endColumn=%k\\,title=F%n\ %*[^:]::%m,
      \::%trror\ file=%f\\,line=%l\\,endLine=%e\\,title=F%n\ %*[^:]::%m,
      \::%tarning\ file=%f\\,line=%l\\,endLine=%e\\,col=%c\\,endColumn=%k\\,title=F%n\ %*[^:]::%m,
      \::%tarning\ file=%f\\,line=%l\\,endLine=%e\\,title=F%n\ %*[^:]::%m,
      \::%totice\ file=%f\\,line=%l\\,endLine=%e\\,col=%c\\,endColumn=%k\\,title=F%n\ %*[^:]::%m,
      \%-G%.%#
