import{a}from"./chunk-3ZTVETHT.js";import"./chunk-GBP4AYNW.js";export{a as readField};
