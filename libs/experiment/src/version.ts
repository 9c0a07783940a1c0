/** This build's version: the packages' common one. */
export const version = "0.1.0";
