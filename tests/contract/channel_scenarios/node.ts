import { all } from './all.js'

const [, , service = '', proxy = ''] = process.argv
console.log(JSON.stringify(await all({ service, proxy }, 'node')))
