export { errorCode, errorMessage, errorTrace, isError, partialErrors, toError } from './native-error.js';
