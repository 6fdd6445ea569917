export * from './audit';
export * from './correlations';
export * from './counts';
export * from './items';
export * from './ledger';
export * from './locations';
export * from './lots';
export * from './low-stock';
export {
  type Keys,
  type ListQuery,
  type PageOf,
  type PageRequest,
  type Queryable,
  readPage,
  type Sort,
  type Statement,
  statementOf,
} from './page';
export * from './reservations';
export * from './stats';
export * from './stock-levels';
export * from './summary';
export * from './transfers';
export * from './periods';
export * from './restatements';
export * from './timeline';
export * from './threshold-history';
