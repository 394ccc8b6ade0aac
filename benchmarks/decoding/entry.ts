// What a page that shows predictions and trainings would load: the size is measured on it.

export { decodePredictionPage, decodeTraining } from './generated/decode.js'
