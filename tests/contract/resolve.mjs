// Generated modules import each other as `.js`, as they would be after compilation.
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    const installed = context.parentURL?.includes('/node_modules/')
    const typescript = !installed && specifier.startsWith('.') && specifier.endsWith('.js')
    return next(typescript ? specifier.replace(/\.js$/, '.ts') : specifier, context)
  },
})
