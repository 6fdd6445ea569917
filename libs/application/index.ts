export { FactsReader, generatedLotCode, localDateOf } from './facts';
