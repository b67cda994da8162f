import{a}from"./chunk-XCZTVQ2M.js";import"./chunk-D27XLX27.js";export{a as readField};
