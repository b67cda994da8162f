import{a}from"./chunk-U25TJZZQ.js";import"./chunk-TUQ336OK.js";export{a as readField};
