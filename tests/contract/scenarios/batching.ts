import { answer, listCalls } from '../api/index.js'
import { client, print } from './connect.js'

const words = ['one', 'two', 'three']
const together = await Promise.all(words.map((inputText) => answer(client, { inputText })))
const alone = await answer(client, { inputText: 'four' })
print({ together, alone, calls: await listCalls(client) })
