import { deleteModel, listFrames, readBytes, readNote } from '../api/index.js'
import { client, print } from './connect.js'

const note = await readNote(client)
const bytes = await readBytes(client)
const gone = await deleteModel(client, { modelName: 'x' })
print({ note, size: bytes.size, gone: gone === undefined, frames: await listFrames(client) })
