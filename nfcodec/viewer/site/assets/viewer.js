var A=class extends Error{code;constructor(e,t){super(t),this.name="NfcError",this.code=e}};var cr=new Set([408,425,429,500,502,503,504]),$t=8e3,H=class extends Error{wait;constructor(e,t=0){super(e),this.wait=t}},oe=class{url;options;version=null;received=0;constructor(e,t={}){this.url=e,this.options=t}get total(){return this.version?.total??null}async*pieces(){let{signal:e,retries:t=6,firstRetries:r=2,backoff:s=250}=this.options,o=0;for(;;){let i=this.received;try{if(yield*this.answer(),this.total===null||this.received>=this.total)return;if(this.received===i)throw new H("the server sends nothing");o=0}catch(a){if(e?.throwIfAborted(),a instanceof A)throw a;this.received>i&&(o=0),o+=1;let l=a instanceof Error?a.message:String(a);if(o>(this.received>0?t:r))throw this.givenUp(l);let u=Math.min(s*2**(o-1),$t)*(.75+Math.random()/2);await ur(Math.max(u,a instanceof H?a.wait:0),e)}}}givenUp(e){if(this.received===0)return this.failure(`the server could not be reached (${e})`);let t=this.total===null?"":` of ${this.total}`;return this.failure(`the connection was lost after ${this.received}${t} bytes (${e})`)}failure(e){return new A("network",`${e}: ${this.url}`)}async*answer(){let{signal:e,stall:t=3e4}=this.options,r=new AbortController,s=()=>r.abort(e?.reason);e?.throwIfAborted(),e?.addEventListener("abort",s);let o,i=()=>{clearTimeout(o),o=setTimeout(()=>{r.abort(new H(`nothing came for ${t/1e3} seconds`))},t)};try{i();let a=await fetch(this.url,{headers:{range:`bytes=${this.received}-`},signal:r.signal}),l=this.received-this.check(a),u=a.body?.getReader();if(u===void 0)return;for(;;){i();let{done:d,value:c}=await u.read();if(d)return;let f=c.subarray(Math.min(l,c.length));l-=c.length-f.length,f.length!==0&&(this.received+=f.length,clearTimeout(o),yield f)}}finally{clearTimeout(o),e?.removeEventListener("abort",s),r.abort()}}check(e){let{status:t,statusText:r,headers:s}=e,o=`${t} ${r}`.trim();if(cr.has(t)){let l=Number(s.get("retry-after")??0),u=Number.isFinite(l)?Math.min(1e3*l,$t):0;throw new H(`the server answered ${o}`,u)}if(t===416)throw this.received>0?this.changed():new A("damaged",`the file is empty: ${this.url}`);if(t===404||t===410)throw this.failure(`there is no such file (${o})`);if(t===401||t===403)throw this.failure(`the server denies access (${o})`);if(t!==200&&t!==206)throw this.failure(`the server answered ${o}`);let[i,a]=t===206?this.range(e):[0,Et(e,0)];return this.compare({etag:s.get("etag"),modified:s.get("last-modified"),total:a}),i}range(e){let t=e.headers.get("content-range");if(t===null){if(e.type==="cors")return[this.received,Et(e,this.received)];throw this.failure("the server answered with a part of the file but not which (206)")}let r=/^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(t.trim()),[s,o]=[Number(r?.[1]),Number(r?.[2])],i=r===null||r[3]==="*"?null:Number(r[3]),a=s!==this.received||o<s||i!==null&&o>=i;if(r===null||a)throw this.failure(`the server was asked for the bytes from ${this.received} on and answered with others (206, "${t}")`);return[s,i]}compare(e){let t=this.version;if(this.version??=e,t!==null){t.total??=e.total;for(let r of["etag","modified","total"])if(t[r]!==null&&e[r]!==null&&t[r]!==e[r])throw this.changed()}}changed(){return this.failure("the file was changed on the server while it was being read")}};function Et({headers:n},e){let t=n.get("content-encoding")===null?n.get("content-length"):null;return t!==null&&/^\d+$/.test(t)?e+Number(t):null}function ur(n,e){return new Promise((t,r)=>{let s=()=>{clearTimeout(o),r(e?.reason)},o=setTimeout(()=>{e?.removeEventListener("abort",s),t()},n);e?.addEventListener("abort",s,{once:!0})})}function Lt(n,e){let t=n??e.skeleton,r=t.grids.flatMap(s=>s.levels);for(let{position:s,layout:o,code:i}of e.changed)r[s].layout=o,r[s].code=i;return t.lodsDecoded=e.lodsDecoded,t.metadata=e.metadata,t}function g(n){throw new A("damaged",n)}function _(n){throw new A("unsupported",`${n}; a newer decoder may read it`)}function ie(n){throw new A("limit",n)}function De(n){let e=n&32768?-1:1,t=n>>>10&31,r=n&1023;return t===31?r?NaN:e*(1/0):t===0?e*r*2**-24:e*(1024+r)*2**(t-25)}function Ut(n){for(let e=0;e<n.length;e++)if((n[e]&31744)===31744)return!1;return!0}function _t(n){let e=new Float32Array(n.length);for(let t=0;t<n.length;t++)e[t]=De(n[t]);return e}var Tt=40,W=class{value;constructor(e){this.value=e}};function le(n,e){let t=new je(n,e),r=t.item(1),s=n.subarray(t.at);return(s.length>3||s.some(o=>o!==0))&&t.reject("more follows the item"),r}function ae(n,e){if(n instanceof W)return n.value;if(n instanceof Uint8Array)return g(`${e}: a byte string`);if(Array.isArray(n))return n.map(t=>ae(t,e));if(n instanceof Map){let t=Object.create(null);for(let[r,s]of n)typeof r!="string"&&g(`${e}: a number for a key`),t[r]=ae(s,e);return t}return n}var dr=new TextDecoder("utf-8",{fatal:!0,ignoreBOM:!0}),je=class{at=0;bytes;view;where;constructor(e,t){this.bytes=e,this.view=new DataView(e.buffer,e.byteOffset,e.length),this.where=t}reject(e){g(`${this.where}: CBOR at byte ${this.at}: ${e}`)}take(e){e>this.bytes.length-this.at&&this.reject("it ends too early");let t=this.at;return this.at+=e,t}argument(e){if(e<24)return e;let t,r;if(e===24)t=this.bytes[this.take(1)],r=24;else if(e===25)t=this.view.getUint16(this.take(2)),r=2**8;else if(e===26)t=this.view.getUint32(this.take(4)),r=2**16;else if(e===27){let s=this.view.getBigUint64(this.take(8));t=s<=Number.MAX_SAFE_INTEGER?Number(s):s,r=2**32}else return this.reject("an indefinite length or a reserved form");return t<r&&this.reject("a number is not in its shortest form"),t}length(e){let t=this.argument(e);return t>this.bytes.length-this.at&&this.reject("it ends too early"),Number(t)}item(e){e>Tt&&this.reject(`it is nested deeper than ${Tt}`);let t=this.bytes[this.take(1)],r=t>>5,s=t&31;switch(r){case 0:return this.argument(s);case 1:{let o=-1n-BigInt(this.argument(s));return o>=Number.MIN_SAFE_INTEGER?Number(o):o}case 2:{let o=this.length(s),i=this.take(o);return this.bytes.slice(i,i+o)}case 3:return this.text(s);case 4:{let o=[];for(let i=this.length(s);i>0;i--)o.push(this.item(e+1));return o}case 5:return this.map(s,e);case 6:return this.reject("a tag");default:return this.simple(s)}}text(e){let t=this.length(e),r=this.take(t);try{return dr.decode(this.bytes.subarray(r,r+t))}catch{return this.reject("a text that is not UTF-8")}}map(e,t){let r=new Map,s=null,o=null;for(let i=this.length(e);i>0;i--){let a=this.at,l=this.bytes[this.take(1)]>>5;l!==0&&l!==3&&this.reject("a key is neither a text nor unsigned"),this.at=a;let u=this.item(t+1),d=this.bytes.subarray(a,this.at),c=l===3?"text":"number";o!==null&&o!==c&&this.reject("a map has texts and numbers for keys"),s!==null&&hr(s,d)>=0&&this.reject("the keys of a map are not in order, or equal"),o=c,s=d,r.set(u,this.item(t+1))}return r}simple(e){if(e===20)return!1;if(e===21)return!0;if(e===22)return null;let t,r=!1;if(e===25)t=De(this.view.getUint16(this.take(2)));else if(e===26)t=this.view.getFloat32(this.take(4)),r=fr(t);else if(e===27)t=this.view.getFloat64(this.take(8)),r=Math.fround(t)===t;else return this.reject("a simple value other than true, false and null");return Number.isFinite(t)||this.reject("a float is not finite"),r&&this.reject("a float is not in its shortest form"),new W(t)}};function fr(n){let e=Math.abs(n);if(e>65504)return!1;let t=Math.max(Math.floor(Math.log2(e||1)),-14);return[t-1,t,t+1].some(r=>{let s=e/2**(Math.max(r,-14)-10);return Number.isInteger(s)&&s<2048})}function hr(n,e){let t=Math.min(n.length,e.length);for(let r=0;r<t;r++)if(n[r]!==e[r])return n[r]-e[r];return n.length-e.length}var I=class{payload;words;next=0;high=0;low=0;constructor(e){this.payload=e,this.words=e.words(e.u32()),this.words.length>0&&(this.words[0]===0&&e.reject("the first ANS word is 0"),this.low=this.words[this.next++]),this.words.length>1&&(this.high=this.low,this.low=this.words[this.next++])}decode(e,t,r,s,o){let{starts:i,symbols:a,lookup:l,shift:u}=e,d=this.words,c=d.length,f=this.next,h=this.high,m=this.low;for(let b=s;b<o;b++){let p=m&16777215,v=l[p>>>u];for(;i[v+1]<=p;)v++;let x=i[v],w=i[v+1]-x,k=h>>>24,M=(h<<8|m>>>24)>>>0,F=Math.imul(w,M)>>>0;h=(w*M-F)*2**-32+.5+w*k>>>0,F+=p-x,F>=4294967296&&(h=h+1>>>0),m=F>>>0,h===0&&f<c&&(h=m,m=d[f++]),t[r===null?b:r[b]]=a[v]}this.next=f,this.high=h,this.low=m}finish(){(this.high!==0||this.low!==0||this.next!==this.words.length)&&this.payload.reject("its ANS words do not end where its symbols do")}};function ce(n){return n.nz*n.ny*n.nx}function Pt(n){let{nx:e,ny:t,rows:r,sites:s}=n,o=new Uint8Array(r),i=new Uint32Array(9);Ot(n,(d,c,f,h,m)=>{let b=(c&1)<<2|(f&1)<<1,p=d*e;for(let v=h;v<m;v++){let x=(s===null?v:s[v])-p,w=b|x&1;o[v]=w,i[w+1]++}});for(let d=0;d<8;d++)i[d+1]+=i[d];let a=i.slice(),l=new Uint32Array(r);for(let d=0;d<r;d++)l[a[o[d]]++]=d;let u=s===null?l:new Uint32Array(r);if(s!==null)for(let d=0;d<r;d++)u[d]=s[l[d]];return{members:d=>l.subarray(i[d],i[d+1]),sites:d=>u.subarray(i[d],i[d+1]),strides:[1,e,e*t]}}function Ot(n,e){let{nx:t,ny:r,rows:s,sites:o}=n,i=0;for(;i<s;){let a=Math.floor((o===null?i:o[i])/t),l=(a+1)*t,u=i+1;if(o===null)u=l;else for(;u<s&&o[u]<l;)u++;let d=Math.floor(a/r);e(a,d,a-d*r,i,u),i=u}}function Ct(n,e,t,r,s){let o=n.sites(e);for(let i=0;i<3;i++){let a=1<<i;if((e&a)===0)continue;let l=n.strides[i],u=n.sites(e^a),d=n.members(e^a),c=u.length,f=0,h=0;for(let m=0;m<o.length;m++){let b=o[m]-l,p=o[m]+l;for(;f<c&&u[f]<b;)f++;for(;h<c&&u[h]<p;)h++;f<c&&u[f]===b&&(s[m]+=r[t[d[f]]]),h<c&&u[h]===p&&(s[m]+=r[t[d[h]]])}}}function St(n,e){let{nx:t,sites:r}=n,s=e.lattice,o=e.classes(),i=Ge(t,s.nx),a=Ge(n.ny,s.ny),l=Ge(n.nz,s.nz),u=s.sites===null?null:mr(s,s.sites),d=new Uint8Array(n.rows);return Ot(n,(c,f,h,m,b)=>{let p=l[f]*s.ny+a[h],v=c*t,x=p*s.nx;if(u===null||s.sites===null){for(let M=m;M<b;M++){let F=(r===null?M:r[M])-v;d[M]=o[x+i[F]]}return}let w=u[p],k=u[p+1];for(let M=m;M<b;M++){let F=(r===null?M:r[M])-v,B=x+i[F];for(;w<k&&s.sites[w]<B;)w++;d[M]=w<k&&s.sites[w]===B?o[w]:e.numClasses}}),d}function Ge(n,e){return Uint32Array.from({length:n},(t,r)=>n===1?0:Math.floor(r*(e-1)/(n-1)))}function mr(n,e){let t=new Uint32Array(n.nz*n.ny+1);for(let r=0;r<e.length;r++)t[Math.floor(e[r]/n.nx)+1]++;for(let r=1;r<t.length;r++)t[r]+=t[r-1];return t}function pr(n){return n<8?n:4+(n&3)<<(n>>2)-1}var Ft=Uint32Array.from({length:64},(n,e)=>pr(e));function q(n,e=0,t=n.length,r=null){let s=0,o=0;for(let p=e;p<t;p++)s+=Ft[n[p]],n[p]>0&&o++;if(s===0||s>16777216)return null;let i=new Uint32Array(o+1),a=new Uint16Array(o),l=0,u=0,d=0,c=0;for(let p=e;p<t;p++)n[p]!==0&&(a[l]=r===null?p-e:r[p],n[p]>d&&(d=n[p],u=l),c+=Math.floor(Ft[n[p]]*16777216/s),i[++l]=c);for(let p=u+1;p<=o;p++)i[p]+=16777216-c;let f=Math.min(Math.max(34-Math.clz32(o),4),12),h=24-f,m=new Uint16Array(1<<f),b=0;for(let p=0;p<m.length;p++){for(;i[b+1]<=p<<h;)b++;m[p]=b}return{starts:i,symbols:a,lookup:m,shift:h}}function Rt(n){let e=Uint16Array.of(63-Math.max(n,0),63+Math.min(n,0));return q(e)}var He=2**28;function Nt(n,e,t,r,s){ce(e)>He&&n.reject("a lattice of more than 2^28 sites has contexts");let o=br(n,t,r,s),{numClasses:i,classOf:a}=o,l=a===null?null:yr(n,o,t),u=new I(n),d=gr(u,o,e,s),c=d;if(l!==null){c=new Uint16Array(e.rows);let f=X(d,i,e.rows);for(let h=0;h<i;h++){let m=f.starts[h],b=f.starts[h+1];if(m===b)continue;let p=l[h];if(p===null)return n.reject(`class ${h} is used but has no symbols`);u.decode(p,c,f.order,m,b)}}return u.finish(),{symbols:c,numClasses:i,classOf:a}}function br(n,e,t,r){let s=n.u8(),o=n.u8(),i=n.u16();(s<1||s>3)&&n.reject(`contexts on ${s} axes (1 to 3 are allowed)`),(o<2||o>64||o>e)&&n.reject(`${o} classes for ${e} symbols`),(i<1||i>256)&&n.reject(`${i} context tables`);let a=o===e,l=a?null:n.below(e,o,"class"),u=n.integers(o*s,5,32,"place"),d=r===null?null:n.integers(r.numClasses*s,5,32,"place"),c=n.integers(32*s,4,16,"bin"),f=1;for(let x=0;x<s;x++)f*=Math.max(...c.subarray(32*x,32*x+32))+1;let h=f+1;h>1024&&n.reject(`${h} contexts (1024 at most)`);let m=i>1?n.below(h,i,"context table"):new Uint16Array(h),b=n.integers(i*o,t,64,"level"),p=[];for(let x=0;x<i;x++){let w=q(b,x*o,(x+1)*o);if(w===null)return n.reject(`the weights of context table ${x}`);p.push(w)}let v=a?null:n.integers(e,t,64,"level");return{numClasses:o,classOf:l,axes:s,places:u,coarsePlaces:d,bins:c,numContexts:h,tableOf:m,tables:p,symbolLevels:v}}function yr(n,e,t){let{numClasses:r}=e,s=e.classOf,o=e.symbolLevels,{order:i,starts:a}=X(s,r,t),l=Uint16Array.from(i,u=>o[u]);return Array.from({length:r},(u,d)=>l.subarray(a[d],a[d+1]).every(h=>h===0)?null:q(l,a[d],a[d+1],i)??n.reject(`the weights of the symbols of class ${d}`))}function X(n,e,t){let r=new Uint32Array(e+1);for(let i=0;i<t;i++)r[n[i]+1]++;for(let i=0;i<e;i++)r[i+1]+=r[i];let s=r.slice(),o=new Uint32Array(t);for(let i=0;i<t;i++)o[s[n[i]]++]=i;return{order:o,starts:r}}function gr(n,e,t,r){let{axes:s,numClasses:o,tables:i}=e,a=Pt(t),l=r===null?null:St(t,r),u=It(e.places,s,o),d=e.coarsePlaces===null||r===null?null:It(e.coarsePlaces,s,r.numClasses),c=wr(e),f=new Uint16Array(t.rows);for(let h=0;h<8;h++){let m=a.members(h),b=m.length,p=new Uint32Array(b);if(l!==null&&d!==null)for(let w=0;w<b;w++)p[w]=d[l[m[w]]];Ct(a,h,f,u,p);let{order:v,starts:x}=X(c(p),i.length,b);for(let w=0;w<b;w++)v[w]=m[v[w]];for(let w=0;w<i.length;w++)n.decode(i[w],f,v,x[w],x[w+1])}return f}function It(n,e,t){let r=new Uint32Array(t+1);for(let s=0;s<t;s++){for(let o=0;o<e;o++)r[s]+=n[s*e+o]<<8*o;r[s]+=1<<24}return r}function wr(n){let{axes:e,bins:t,tableOf:r,numContexts:s}=n,o=[new Uint16Array(2048),new Uint16Array(2048),new Uint16Array(2048)],i=1;for(let c=0;c<e;c++){let f=t.subarray(32*c,32*c+32);for(let h=1;h<8;h++)for(let m=0;m<256;m++){let b=Math.min(Math.floor((2*m+h)/(2*h)),31);o[c][h*256+m]=f[b]*i}i*=Math.max(...f)+1}let[a,l,u]=o,d=s-1;return c=>{let f=new Uint16Array(c.length);for(let h=0;h<c.length;h++){let m=c[h],b=m>>>24<<8,p=b===0?d:a[b|m&255]+l[b|m>>>8&255]+u[b|m>>>16&255];f[h]=r[p]}return f}}var vr=xr();function xr(){let n=new Int32Array(2048);for(let e=0;e<256;e++){let t=e;for(let r=0;r<8;r++)t=t&1?t>>>1^2197175160:t>>>1;n[e]=t}for(let e=256;e<n.length;e++){let t=n[e-256];n[e]=t>>>8^n[t&255]}return n}function Y(n,e=0){let t=vr,r=~e,s=0;for(let o=n.length-7;s<o;s+=8)r^=n[s]|n[s+1]<<8|n[s+2]<<16|n[s+3]<<24,r=t[1792+(r&255)]^t[1536+(r>>>8&255)]^t[1280+(r>>>16&255)]^t[1024+(r>>>24)]^t[768+n[s+4]]^t[512+n[s+5]]^t[256+n[s+6]]^t[n[s+7]];for(;s<n.length;s++)r=r>>>8^t[(r^n[s])&255];return~r>>>0}function N(n,e,t){n instanceof Map||g(`${e} is not a map`);for(let r of n.keys())typeof r=="string"&&g(`${e} has the text ${JSON.stringify(r)} for a key`),t.includes(r)||_(`${e} has an entry ${r}`);return new We(n,e)}var We=class{where;map;constructor(e,t){this.map=e,this.where=t}has(e){return this.map.has(e)}get(e){let t=this.map.get(e);return t===void 0?g(`${this.where} has no entry ${e}`):t}asInteger(e,t,r){let s=typeof e=="bigint"?Number(e):e;return typeof s!="number"?g(`${this.where}: ${t} is not an integer`):(s<r&&g(`${this.where}: ${t} is ${s}, below ${r}`),s)}integer(e,t=0){return this.asInteger(this.get(e),`entry ${e}`,t)}name(e,t){return t[this.oneOf(this.get(e),t.length,`entry ${e}`)]}bytes(e){let t=this.get(e);return t instanceof Uint8Array?t:g(`${this.where}: entry ${e} is not a byte string`)}text(e){let t=this.get(e);return typeof t=="string"?t:g(`${this.where}: entry ${e} is not a text`)}boolean(e){let t=this.get(e);return typeof t=="boolean"?t:g(`${this.where}: entry ${e} is neither true nor false`)}float(e){return this.asFloat(this.get(e),`entry ${e}`)}asFloat(e,t){return!(e instanceof W)||Math.abs(e.value)>1e30?g(`${this.where}: ${t} is not a float of at most 1e30`):e.value}array(e){let t=this.get(e);return Array.isArray(t)?t:g(`${this.where}: entry ${e} is not an array`)}item(e,t,r){return this.asInteger(this.array(e)[t],`item ${t} of entry ${e}`,r)}floatItem(e,t){return this.asFloat(this.array(e)[t],`item ${t} of entry ${e}`)}choice(e,t,r){return t.length===0&&g(`${this.where}: entry ${e} is empty`),this.choiceAt(e,0,r)}choiceAt(e,t,r){return this.oneOf(this.array(e)[t],r,`item ${t} of entry ${e}`)}oneOf(e,t,r){let s=this.asInteger(e,r,-1/0);return(s<0||s>=t)&&_(`${this.where}: ${r} is ${s}`),s}fields(e,t,r){t.length!==r&&g(`${this.where}: entry ${e} has ${t.length} items instead of ${r}`)}};var $={allRows:2**28,header:2**20,metadata:2**24,chunks:4096,lods:64,grids:4096,levels:4096,rows:2**28,voxels:2**28,depth:10,side:65536,features:4096,networks:16,inputs:16,layers:64,layerWidth:16384,frequencies:32,cells:2**30},ue=2**31;function E(n,e,t){n>e&&ie(`${n} ${t}: at most ${e} are supported`)}var kr=["none","relu","leaky_relu","sine","softplus","exp","sigmoid","tanh","snake_alt"],Vt=new Float32Array(0),Ar=["features","position","direction"];function Bt(n,e,t,r){let s=n.array(4);s.length===0&&g("header: no networks"),E(s.length,$.networks,"networks");let o=new Map([["position",t]]);r>0&&o.set("features",r),e==="nerf"&&o.set("direction",3);let i=[];s.forEach((u,d)=>{let c=N(u,`header: network ${d}`,[0,1,2,3]),f=Mr(c,o);(Ar.includes(f.name)||o.has(f.name))&&g(`${c.where}: the name ${JSON.stringify(f.name)} is taken`),i.push(f),o.set(f.name,zt(f))});let a=zt(i[i.length-1]),l={nerf:3,sdf:1,scalar:null}[e];return l!==null&&a!==l&&g(`header: the last network of a field of kind ${e} has ${a} outputs`),e==="nerf"&&t!==3&&g("header: a field of kind nerf in 2-D"),e==="nerf"&&!i.some(({name:u})=>u==="density")&&g('header: a field of kind nerf has no network "density"'),i}function zt({layers:n}){return n[n.length-1].outputs}function Mr(n,e){let{where:t}=n,r=n.text(0),s=[...r].length;(s<1||s>64)&&g(`${t}: a name of ${s} characters`);let o=n.array(1);o.length===0&&g(`${t} has no inputs`),E(o.length,$.inputs,"inputs of a network");let i=0,a=o.map((f,h)=>{let{input:m,width:b}=$r(N(f,`${t}, input ${h}`,[0,1,2]),e);return i+=b,m}),l=n.array(2);l.length===0&&g(`${t} has no layers`),E(l.length,$.layers,"layers of a network");let u=n.has(3)?n.array(3).map((f,h)=>n.item(3,h,1)):[];for(let f of u)f>=l.length&&g(`${t}: a skip to layer ${f}, which is not there`);new Set(u).size!==u.length&&g(`${t}: a skip is listed twice`);let d=i,c=l.map((f,h)=>{let m=Lr(N(f,`${t}, layer ${h}`,[0,1,2,3,4]));return u.includes(h)&&(d+=i),m.inputs!==d&&g(`${t}, layer ${h}: ${m.inputs} inputs, but ${d} values enter it`),d=m.outputs,m});return{name:r,inputs:a,layers:c,skips:u.sort((f,h)=>f-h)}}function $r(n,e){let{where:t}=n,r=n.text(0),s=e.get(r);if(s===void 0)return g(`${t}: there is no source ${JSON.stringify(r)}`);let o=null,i=s;n.has(2)&&(n.fields(2,n.array(2),2),o=[n.item(2,0,0),n.item(2,1,0)],(o[0]>=o[1]||o[1]>s)&&g(`${t}: channels ${o[0]} to ${o[1]} of ${s}`),i=o[1]-o[0]);let{encoding:a,width:l}=Er(n,i);return{input:{source:r,encoding:a,slice:o},width:l}}function Er(n,e){let{where:t}=n,r=n.array(1),s=n.choice(1,r,3);if(s===0)return n.fields(1,r,1),{encoding:{kind:"identity"},width:e};if(s===1){n.fields(1,r,4);let i=n.item(1,1,0);E(i,$.frequencies,"frequencies");let a=n.floatItem(1,2),l=r[3];return typeof l!="boolean"?g(`${t}: include_input`):{encoding:{kind:"frequency",frequencies:i,scale:a,includeInput:l},width:e*(2*i+(l?1:0))}}n.fields(1,r,2);let o=n.item(1,1,1);return o>4&&g(`${t}: spherical harmonics of degree ${o}`),e!==3&&g(`${t}: spherical harmonics of ${e} channels`),{encoding:{kind:"spherical_harmonics",degree:o},width:o*o}}function Lr(n){let e=n.integer(0,1),t=n.integer(1,1);E(Math.max(e,t),$.layerWidth,"values of a layer");let r=n.name(2,kr),s=n.boolean(3)?Vt:null;return{outputs:e,inputs:t,activation:r,gain:n.float(4),weight:Vt,bias:s}}var Ur=["nerf","sdf","scalar"],_r=["sum","concat"];function Dt(n){let e=N(le(n,"header"),"header",[0,1,2,3,4,5]),t=e.name(0,Ur),r=Tr(e),s=r.length/2,o=e.integer(2,1);E(o,$.lods,"LODs");let i=[],a=e.array(3);E(a.length,$.grids,"grids");let l=a.map((m,b)=>Pr(N(m,`header: grid ${b}`,[0,1,2]),s,i)),u=i.reduce((m,b)=>m+b.rows,0);E(u,$.allRows,"vectors in all levels");let d=new Set(i.map(({lod:m})=>m));i.length===0&&d.add(0),(d.size!==o||Math.max(...d)!==o-1)&&g(`header: its levels do not have the LODs 0 to ${o-1}, each at least once`);let c=null;if(e.has(5)){c=e.array(5).map((m,b)=>e.item(5,b,1)),c.length!==s&&g("header: the occupancy has another number of axes");for(let m of c)E(m,$.side,"occupancy cells along a side");E(K(c),$.cells,"occupancy cells")}let f=Bt(e,t,s,Fr(l));return{field:{kind:t,dims:s,bounds:r,lods:o,lodsDecoded:0,grids:l,networks:f,occupancy:null,metadata:{}},levels:i,occupancy:c}}function Tr(n){let e=n.bytes(1);e.length!==32&&e.length!==48&&g(`header: bounds of ${e.length} bytes (32 or 48 are needed)`);let t=new Float64Array(e.slice().buffer),r=t.length/2;for(let s=0;s<r;s++){let o=t[s],i=t[r+s],a=Math.max(Math.abs(o),Math.abs(i));(!(a<=1e30)||!(i-o>Math.max(1e-30,1e-6*a)))&&g(`header: the bounds from ${o} to ${i} are no range`)}return t}function Pr(n,e,t){let r=n.name(0,_r),s=n.array(1);s.length===0&&g(`${n.where} has no levels`),E(s.length+t.length,$.levels,"levels");let o=s.map((a,l)=>{let u=N(a,`${n.where}, level ${l}`,[0,1,2,3,4]),d=Or(u,e,t.length);return t.push(d),d});r==="sum"&&o.some(a=>a.features!==o[0].features)&&g(`${n.where}: levels to be summed differ in their number of features`);let i=null;if(n.has(2)){let a=n.bytes(2);a.length!==4*e*(e+1)&&g(`${n.where}: a transform of ${a.length} bytes`),i=new Float32Array(a.slice().buffer),i.every(Number.isFinite)||g(`${n.where}: the transform is not finite`)}return{combine:r,levels:o,transform:i}}function Or(n,e,t){let r=n.integer(0);E(r,$.lods-1,"as the number of an LOD");let s=n.integer(2);E(s,$.rows,"vectors in a level");let o=n.integer(3,1);E(o,$.features,"features");let i=Cr(n,e,s),a=Sr(n,o);return{lod:r,position:t,layout:i,rows:s,features:o,form:a,code:null}}function Cr(n,e,t){let r=n.array(1);if(n.choice(1,r,2)===0){n.fields(1,r,3+e);let a=r[1];typeof a!="boolean"&&g(`${n.where}: align_corners`);let l=["zeros","border"][n.choiceAt(1,2,2)],u=r.slice(3).map((d,c)=>n.item(1,3+c,1));for(let d of u)E(d,$.side,"points along a side");return K(u)!==t&&g(`${n.where}: ${t} vectors on a lattice of ${u.join(" x ")} points`),{kind:"dense",alignCorners:a,padding:l,shape:u}}n.fields(1,r,3),e!==3&&g(`${n.where}: an octree in 2-D`);let o=n.item(1,1,0);E(o,$.depth,"as an octree's depth");let i=n.item(1,2,1);return E(i,$.voxels,"voxels in a level"),{kind:"octree",depth:o,voxelCount:i,voxels:new Uint32Array(0),corners:new Uint32Array(0)}}function Sr(n,e){let t=n.array(4),r=n.choice(4,t,3);if(r===0)return n.fields(4,t,1),{kind:"float16"};if(r===1){n.fields(4,t,3);let o=n.item(4,1,1),i=n.item(4,2,1);return(o>16||i>2**o)&&g(`${n.where}: ${i} codes for indices of ${o} bits`),{kind:"vq",bits:o,numCodes:i}}n.fields(4,t,2);let s=n.item(4,1,1);return s>e&&g(`${n.where}: rank ${s} of ${e} features`),{kind:"lowrank",rank:s}}function Fr(n){let e=0;for(let{combine:t,levels:r}of n)if(t==="sum")e+=r[0].features;else for(let s of r)e+=s.features;return e}function K(n){return n.reduce((e,t)=>e*t,1)}function de(n){return n<=2?1:32-Math.clz32(n-1)}function Z(n,e){return Math.ceil(n*e/32)}function fe(n,e,t){let r=new Uint16Array(e),s=(1<<t)-1,o=0,i=0;for(let a=0;a<e;a++){let l=n[o]>>>i;i+=t,i>=32&&(i-=32,o++,i>0&&(l|=n[o]<<t-i)),r[a]=l&s}return r}function jt(n,e){let t=new Uint32Array(Z(n.length,e)),r=0,s=0,o=0;for(let i=0;i<n.length;i++)o|=n[i]<<s,s+=e,s>=32&&(t[r++]=o,s-=32,o=s>0?n[i]>>>e-s:0);return s>0&&(t[r]=o),t}var Rr=64,Ir=40,Nr=80;function Gt(n){let e=0,t=0;for(let r of n.levels)e+=Vr(r),t=Math.max(t,zr(r));for(let r of n.field.networks)for(let{outputs:s,inputs:o}of r.layers)e+=4*s*(o+1);return t=Math.max(t,e/2),n.occupancy!==null&&(t=Math.max(t,Nr*K(n.occupancy))),2*e+t}function Vr({layout:n,rows:e,features:t,form:r}){let s=n.kind==="octree"?4*(n.voxelCount+e):0;switch(r.kind){case"float16":return s+2*e*t;case"lowrank":return s+2*(e*r.rank+t*(r.rank+1));case"vq":return s+4*Z(e,r.bits)+2*r.numCodes*t}}function zr({layout:n,rows:e,form:t}){let r=t.kind==="vq"?Ir*e:0;if(n.kind==="dense")return r;let s=2**n.depth+1,o=Math.min(4*n.voxelCount+1,s*s)*(s/8+4);return Math.max(r,Rr*n.voxelCount+4*s*s+o)}var Ht=[137,78,70,67,13,10,26,10],J=20,qt=12;function he(n,e={}){if(Br(n),n.length<J)return{need:J};let t=new DataView(n.buffer,n.byteOffset,n.length),r=n[8],s=n[9];r===0&&g("major version 0 in byte 8"),r>1&&_(`the file is of format version ${r}.${s}`);let o=t.getUint16(10,!0),i=t.getUint32(12,!0);E(o,$.chunks,"chunks"),E(i,$.header,"bytes of header");let a=J+qt*o,l=Math.ceil((a+i)/4)*4;if(n.length<l)return{need:l};Y(n.subarray(J,l),Y(n.subarray(0,16)))!==t.getUint32(16,!0)&&g("the front of the file fails its checksum"),n.subarray(a+i,l).some(v=>v!==0)&&g("the padding of the header is not zero");let d=Dr(t,o,l),c=Dt(n.subarray(a,a+i)),f=jr(d,c),h=Gt(c),m=e.memory??ue;h>m&&ie(`decoding may take ${Wt(h)} MiB of memory, above the limit of ${Wt(m)} MiB`);let b=d[d.length-1],p=b.offset+b.length;return{version:[r,s],chunks:d,header:c,length:l,totalBytes:p,lodEnds:f}}function Br(n){let e=Math.min(n.length,Ht.length);for(let t=0;t<e;t++){if(n[t]===Ht[t])continue;let s=String.fromCharCode(...n.subarray(0,200)).trimStart().startsWith("<")?" but an HTML or XML page":"";g(`this is not a .nfc file${s} (its first bytes are not the signature)`)}}function Dr(n,e,t){let r=[],s=t,o=0;for(let i=0;i<e;i++){let a=J+qt*i,l=[0,1,2,3].map(h=>n.getUint8(a+h)),u=String.fromCharCode(...l);/^[A-Za-z]{4}$/.test(u)||g(`the type of chunk ${i} is not four letters`);let d=n.getUint32(a+4,!0);d%4!==0&&g(`the length of chunk ${i} (${u}) is not a multiple of 4`);let c=["NETW","OCCU","LEVL","meta"].includes(u);!c&&/^[A-Z]/.test(u)&&_(`chunk ${i} is a critical chunk ${u}`),u==="meta"&&E(d,$.metadata,"bytes of metadata in a chunk");let f=u==="LEVL"?o++:null;r.push({type:u,offset:s,length:d,crc:n.getUint32(a+8,!0),known:c,lod:f}),s+=d}return r}function jr(n,e){let t=n.filter(({type:a})=>a!=="meta"&&/^[A-Z]/.test(a)),r=t.findIndex(({type:a})=>a==="LEVL"),s=t.slice(0,r<0?t.length:r).map(({type:a})=>a),o=r<0?[]:t.slice(r),i=e.occupancy===null?["NETW"]:["NETW","OCCU"];return(s.sort().join()!==i.join()||o.some(({type:a})=>a!=="LEVL"))&&g(`${i.join(" and ")} are not there once each, in front of the levels`),o.length!==e.field.lods&&g(`there are ${o.length} LEVL chunks for ${e.field.lods} LODs`),o.map(({offset:a,length:l})=>a+l)}function Wt(n){return Math.ceil(n/2**20)}var me=class{where;bytes;view;at=0;constructor(e,t){this.bytes=e.byteOffset%4===0?e:e.slice(),this.view=new DataView(this.bytes.buffer,this.bytes.byteOffset,this.bytes.length),this.where=t}reject(e){g(`${this.where}: ${e}`)}take(e){e>this.bytes.length-this.at&&this.reject(`it ends too early (${e} more bytes needed at byte ${this.at})`);let t=this.at;return this.at+=e,t}align(){for(;this.at%4!==0;)this.bytes[this.take(1)]!==0&&this.reject(`padding is not zero at byte ${this.at-1}`)}u8(){return this.bytes[this.take(1)]}u16(){return this.view.getUint16(this.take(2),!0)}u32(){return this.view.getUint32(this.take(4),!0)}byteArray(e){let t=this.take(e);return this.align(),this.bytes.subarray(t,t+e)}words(e){let t=this.take(4*e);return new Uint32Array(this.bytes.buffer,this.bytes.byteOffset+t,e)}halves(e){let t=this.take(2*e);this.align();let r=new Uint16Array(this.bytes.buffer,this.bytes.byteOffset+t,e).slice();return Ut(r)||this.reject("a float16 value is not a finite number"),r}integers(e,t,r,s){let o=fe(this.words(Z(e,t)),e,t);if(r<2**t)for(let i=0;i<e;i++)o[i]>=r&&this.reject(`${s} ${o[i]} is not below ${r}`);return o}below(e,t,r){return this.integers(e,de(t),t,r)}finish(){let e=this.bytes.length-this.at;e>0&&this.reject(`${e} bytes are left over behind its contents`)}};var Gr=65535;function qe(n,e,t,r){let s=n.u8(),o=n.u8(),i=n.u16();if(s>3&&_(`${n.where}: symbol section of form ${s}`),(s>=2?o<1||o>6:o!==0)&&n.reject(`a symbol section of form ${s} with width ${o}`),(s===1||s===2)&&i!==0&&n.reject(`a symbol section of form ${s} with ${i} where 0 belongs`),s===3){if(r===null)return n.reject("contexts where there are no sites");let l=i===Gr?null:r.coarser(i);return Nt(n,r.lattice,t,o,l)}let a;if(s===0)i>=t&&n.reject(`symbol ${i} is not below ${t}`),a=new Uint16Array(e).fill(i);else if(s===1)a=n.below(e,t,"symbol");else{let l=q(n.integers(t,o,64,"level"));if(l===null)return n.reject("the weights of the table");let u=new I(n);a=new Uint16Array(e),u.decode(l,a,null,0,e),u.finish()}return{symbols:a,numClasses:0,classOf:null}}function Ke(n,e){let t=n.u32();if(t===0)return n.halves(e);t!==1&&_(`${n.where}: float16 section of form ${t}`);let r=qe(n,e,256,null).symbols,s=n.byteArray(e);for(let o=0;o<e;o++)r[o]=r[o]<<8|s[o],(r[o]&31744)===31744&&n.reject("a float16 value is not a finite number");return r}var D=Uint8Array.from({length:256},(n,e)=>{let t=0;for(let r=e;r>0;r>>=1)t+=r&1;return t});function pe(n){return D[n]}var Ye={count:1,x:new Uint16Array(1),y:new Uint16Array(1),z:new Uint16Array(1),up:[Uint32Array.of(1),Uint32Array.of(1),Uint32Array.of(1)]};function Ze(n,e,t){let r=new Uint32Array(n.count),s=0;for(let h=0;h<n.count;h++)r[h]=s,s+=D[e[h]];t?.(s);let o=new Uint16Array(s),i=new Uint16Array(s),a=new Uint16Array(s),l=new Uint32Array(s),u=new Uint32Array(s),d=new Uint32Array(s),c=(h,m,b,p)=>{let v=m&b?p[h]:h,x=m^b,w=e[v];return(w>>x&1)===0?s:r[v]+D[w&(1<<x)-1]},f=0;for(let h=0;h<n.count;h++){let m=e[h];for(let b=0;b<8;b++)(m>>b&1)!==0&&(o[f]=2*n.x[h]+(b&1),i[f]=2*n.y[h]+(b>>1&1),a[f]=2*n.z[h]+(b>>2),l[f]=c(h,b,1,n.up[0]),u[f]=c(h,b,2,n.up[1]),d[f]=c(h,b,4,n.up[2]),f++)}return{count:s,x:o,y:i,z:a,up:[l,u,d]}}function Kt(n,e){let t=[],r=n;for(let o=e;o>0;o--){let i=new Uint32Array(r.length),a=new Uint8Array(r.length+1),l=0;for(let u=0;u<r.length;u++){let d=r[u]>>>3;(l===0||i[l-1]!==d)&&(i[l++]=d),a[l-1]|=1<<(r[u]&7)}t.push(a.slice(0,l+1)),r=i.slice(0,l)}let s=Ye;for(;t.length>0;)s=Ze(s,t.pop());return s}function Xe(n){return n=(n|n<<16)&50331903,n=(n|n<<8)&50393103,n=(n|n<<4)&51130563,(n|n<<2)&153391689}function Xt({count:n,x:e,y:t,z:r}){let s=new Uint32Array(n);for(let o=0;o<n;o++)s[o]=Xe(e[o])|Xe(t[o])<<1|Xe(r[o])<<2;return s}function Yt(n,e){let t=2**e+1,r=Math.ceil(t/32),s=new Uint32Array(t*t),o=0;for(let c=0;c<n.count;c++){let f=n.z[c]*t+n.y[c];s[f]===0&&(s[f]=++o),s[f+1]===0&&(s[f+1]=++o),s[f+t]===0&&(s[f+t]=++o),s[f+t+1]===0&&(s[f+t+1]=++o)}let i=new Uint32Array((o+1)*r),a=(c,f)=>{let h=s[c]*r+(f>>>5);i[h]|=3<<(f&31),(f&31)===31&&(i[h+1]|=1)};for(let c=0;c<n.count;c++){let f=n.z[c]*t+n.y[c];a(f,n.x[c]),a(f+1,n.x[c]),a(f+t,n.x[c]),a(f+t+1,n.x[c])}let l=0;for(let c=0;c<i.length;c++)l+=Hr(i[c]);let u=new Uint32Array(l),d=0;for(let c=0;c<s.length;c++)if(s[c]!==0)for(let f=0;f<r;f++){let h=i[s[c]*r+f],m=c*t+32*f;for(;h!==0;)u[d++]=m+31-Math.clz32(h&-h),h&=h-1}return u}function Hr(n){return D[n&255]+D[n>>>8&255]+D[n>>>16&255]+D[n>>>24]}var Wr=[-29,-22,0,24,-44,-9,0,-38,-16,0,4,0,0,-39,-14,22,-30,0,24,3,14,35,-51,-19,3,0,0,-46,-30,-11,0,0,-50,-32,-12,14,0,-30,-25,1,23,0,-42,-24,1,20,39,-22,-14,11,22,42,-44,-21,-7,3,0,0,0,-49,-43,-25,-8,21,0,0,-34,-37,-22,1,22,37,0,-20,-20,-13,7,19,33,49],qr=[0,4,22,52];function Je(n,e){let t=n.u8(),r=n.u8(),s=n.u16();t>2&&_(`${n.where}: a topology of origin ${t}`),r>1&&_(`${n.where}: odds of form ${r}`),t===0&&s!==0&&n.reject(`a topology from the root with base ${s}`);let o=t===0?null:e.base(s);if(t===1&&o!==null)return r!==0&&n.reject("a topology taken from another level has odds"),o.depth!==e.depth&&n.reject(`an octree of depth ${e.depth} is the same as one of depth ${o.depth}`),{same:o};o!==null&&o.depth>=e.depth&&n.reject(`an octree of depth ${e.depth} starts from one of depth ${o.depth}`);let i=(r===1?Kr(n):Wr).map(Rt),a=new I(n),l=o===null?Ye:Kt(o.voxels,o.depth),u=o===null?0:o.depth;for(;u<e.depth;u++){let d=Xr(a,i,l);l=Ze(l,d,c=>{c<=e.maxVoxels(u+1)||n.reject(`an octree has ${c} voxels at depth ${u+1}, more than there may be`)})}return a.finish(),l}function Kr(n){return Array.from(n.integers(80,7,128,"odds"),e=>{let t=e-64;return Math.abs(t)>62&&n.reject(`odds of ${t}`),t})}function Xr(n,e,t){let{count:r}=t,[s,o,i]=t.up,a=Yr(t),l=new Uint8Array(r+1),u=new Uint16Array(r),d=new Uint16Array(r);for(let c=0;c<8;c++){let f=pe(c),h=qr[f],m=4-f,b=2*f+1,p=(c^7)<<3;for(let k=0;k<r;k++){let M=pe(a[k]&c),F=pe(a[k]&p),B=0;c&1&&(B+=(l[k]>>(c^1)&1)+(l[s[k]]>>(c^1)&1)),c&2&&(B+=(l[k]>>(c^2)&1)+(l[o[k]]>>(c^2)&1)),c&4&&(B+=(l[k]>>(c^4)&1)+(l[i[k]]>>(c^4)&1)),u[k]=(M*m+F)*b+B}let v=(f+1)*m*b,{order:x,starts:w}=X(u,v,r);for(let k=0;k<v;k++)n.decode(e[h+k],d,x,w[k],w[k+1]);for(let k=0;k<r;k++)l[k]|=d[k]<<c}return l}function Yr({count:n,up:e}){let t=new Uint8Array(n+1);for(let r=0;r<3;r++){let s=e[r];for(let o=0;o<n;o++)s[o]!==n&&(t[o]|=1<<r,t[s[o]]|=8<<r)}return t}var Zr=2**18,be=class{front;field;header;decoded=[];added=new Set;next=0;constructor(e){this.front=e,this.header=structuredClone(e.header),this.field=this.header.field,this.field.metadata=Object.create(null)}get lodsDecoded(){return this.field.lodsDecoded}addChunk(e,t){let r=this.front.chunks[e];if(r===void 0)throw new RangeError(`there is no chunk ${e}`);if(this.added.has(e))throw new RangeError(`chunk ${e} is there already`);if(!r.known)return[];let s=`chunk ${e} (${r.type}, from byte ${r.offset})`;if(t.length!==r.length)throw new RangeError(`${s} has ${r.length} bytes, not ${t.length}`);let o=r.type!=="meta";if(o&&e!==this.nextCritical())throw new RangeError(`${s}: chunk ${this.nextCritical()} has to go in before it`);Y(t)!==r.crc&&g(`${s} fails its checksum`);let i=this.read(r.type,t,s,r.lod);return this.added.add(e),o&&(this.next=e+1),i}nextCritical(){return this.front.chunks.findIndex(({type:e,known:t},r)=>r>=this.next&&t&&e!=="meta")}read(e,t,r,s){if(e==="meta")return this.addMetadata(t,r),[];let o=new me(t,r);if(e==="NETW")this.readNetworks(o);else if(e==="OCCU")this.readOccupancy(o);else return this.readLod(o,s);return[]}addMetadata(e,t){let r=le(e,t);if(!(r instanceof Map))return g(`${t}: metadata is not a map`);let s=ae(r,t);for(let o of Object.keys(s))o in this.field.metadata&&g(`${t}: the key ${JSON.stringify(o)} is in two metadata chunks`);Object.assign(this.field.metadata,s)}readNetworks(e){let t=this.field.networks.flatMap(i=>i.layers),r=0;for(let{outputs:i,inputs:a,bias:l}of t)r+=i*(a+(l===null?0:1));let s=_t(Ke(e,r));e.finish();let o=0;for(let i of t)i.weight=s.slice(o,o+=i.outputs*i.inputs),i.bias!==null&&(i.bias=s.slice(o,o+=i.outputs))}readOccupancy(e){let t=this.header.occupancy,r=[...t].reverse(),s=Math.max(...t.map(de)),o=K(t),i=Je(e,{depth:s,maxVoxels:c=>c<s?Math.max(o,Zr):o,base:()=>e.reject("occupancy starts from a level")});if("same"in i)return;e.finish();let[a,l]=r,u=r[2]??1,d=new Uint8Array(4*Math.ceil(o/32));for(let c=0;c<i.count;c++){let f=i.x[c],h=i.y[c],m=i.z[c];(f>=a||h>=l||m>=u)&&e.reject("an occupied voxel outside the cells");let b=(m*l+h)*a+f;d[Math.floor(b/8)]|=1<<(b&7)}this.field.occupancy={shape:t,cells:d}}readLod(e,t){let r=this.header.levels.filter(o=>o.lod===t),s=r.map(({layout:o})=>({...o}));try{for(let o of r)this.readLevel(e,o);e.finish()}catch(o){throw r.forEach((i,a)=>{i.code=null,i.layout=s[a],delete this.decoded[i.position]}),o}return this.field.lodsDecoded=t+1,r.map(({position:o})=>o)}readLevel(e,t){let{layout:r,rows:s,position:o}=t;r.kind==="octree"&&this.readOctree(e,r,s,o);let i=Jr(t),{code:a,classes:l}=this.readCode(e,t,i);t.code=a,this.decoded[o]={lattice:i,classes:l}}readOctree(e,t,r,s){let{depth:o,voxelCount:i}=t,a=`${e.where}, level ${s}`,l=Je(e,{depth:o,maxVoxels:()=>i,base:c=>this.octreeAt(c,e)}),u="same"in l?l.same.voxelCount:l.count;u!==i&&g(`${a}: its octree has ${u} voxels, but the header says ${i}`);let d="same"in l?l.same.corners:Yt(l,o);d.length!==r&&g(`${a}: its octree has ${d.length} corners, but the header says ${r}`),t.corners=d,t.voxels="same"in l?l.same.voxels:Xt(l)}octreeAt(e,t){let r=this.decoded[e]&&this.header.levels[e].layout;return r===void 0||r.kind!=="octree"?t.reject(`position ${e} is no octree that came earlier`):r}readCode(e,t,r){let{form:s,rows:o,features:i}=t;if(s.kind==="float16")return{code:{kind:"float16",values:e.halves(o*i)},classes:null};if(s.kind==="lowrank"){let{rank:m}=s,b=e.halves(i),p=e.halves(m*i),v=e.halves(o*m);return{code:{kind:"lowrank",rank:m,mean:b,basis:p,coefficients:v},classes:null}}let{bits:a,numCodes:l}=s,u=Ke(e,l*i),{symbols:d,numClasses:c,classOf:f}=qe(e,o,l,{lattice:r,coarser:m=>this.coarserAt(m,e)});return{code:{kind:"vq",bits:a,numCodes:l,codebook:u,packed:jt(d,a)},classes:{numClasses:c||l,classOf:f}}}coarserAt(e,t){let r=this.decoded[e],s=r&&this.header.levels[e].code;if(!r?.classes||s?.kind!=="vq")return t.reject(`position ${e} holds no indices that came earlier`);let{lattice:o,classes:i}=r,{numClasses:a,classOf:l}=i;return a>64&&t.reject(`the coarser level has ${a} classes`),ce(o)>He&&t.reject("the coarser level has more than 2^28 sites"),{lattice:o,numClasses:a,classes:()=>{let u=fe(s.packed,o.rows,s.bits),d=new Uint8Array(o.rows);for(let c=0;c<o.rows;c++)d[c]=l===null?u[c]:l[u[c]];return d}}}};function Jr({layout:n,rows:e}){if(n.kind==="octree"){let o=2**n.depth+1;return{nz:o,ny:o,nx:o,sites:n.corners,rows:e}}let[t,r,s=1]=[...n.shape].reverse();return{nz:s,ny:r,nx:t,sites:null,rows:e}}var Qr=40;async function Zt(n,e,t={}){let r=new Qe(n,e,t);for await(let s of n.pieces())if(r.take(s))break;return r.finish()}var Qe=class{source;events;options;wanted;front=null;decoder=null;received=0;reported=-1/0;pieces=[];gathered=0;need=8;chunk=0;constructor(e,t,r){this.source=e,this.events=t,this.options=r,this.wanted=r.lods??1/0}take(e){this.received+=e.length,this.report();let t=e;for(;;){if(this.chunk===this.front?.chunks.length){if(t.length>0)throw new A("damaged","bytes follow the last chunk");return!1}let r=t.subarray(0,this.need-this.gathered);if(t=t.subarray(r.length),this.gathered+=r.length,this.wants()&&this.pieces.push(r),this.gathered<this.need)return!1;if(this.advance())return!0}}wants(){return this.front===null||this.front.chunks[this.chunk].known}advance(){if(this.front===null)return this.readFront(),!1;let{known:e,lod:t}=this.front.chunks[this.chunk],r=this.decoder;if(e){let s=es(r,this.chunk,this.join()),{field:o}=r;if(t!==null){let i=o.lodsDecoded>=Math.min(this.wanted,o.lods);if(this.report(!0),this.events.lod(o,s,i),o.lodsDecoded>=this.wanted)return!0}}return this.chunk+=1,this.gatherChunk(this.front),!1}gatherChunk(e){let t=e.chunks[this.chunk];if(this.pieces=[],this.gathered=0,this.need=t?.length??0,this.need>(this.options.memory??ue)/2&&t.known)throw new A("limit",`chunk ${this.chunk} has ${this.need} bytes, which is too many`)}readFront(){let e=he(this.join(),this.options);if("need"in e){this.need=e.need;return}this.front=e,this.decoder=new be(e);let{total:t}=this.source;if(t!==null&&t>e.totalBytes)throw new A("damaged",`${t-e.totalBytes} bytes follow the last chunk`);this.gatherChunk(e)}join(){if(this.pieces.length===1)return this.pieces[0];let e=new Uint8Array(this.gathered),t=0;for(let r of this.pieces)e.set(r,t),t+=r.length;return this.pieces=[e],e}report(e=!1){let t=performance.now();if(!e&&t-this.reported<Qr)return;this.reported=t;let r=this.source.total??this.front?.totalBytes??null;this.events.progress({received:this.received,total:r,lodEnds:this.front?.lodEnds??[]})}finish(){if(this.report(!0),this.decoder===null||this.decoder.lodsDecoded===0)throw this.front===null&&this.gathered<8&&he(this.join()),new A("damaged",`the file ends after ${this.received} bytes, in front of its first level of detail`);return this.decoder.field}};function es(n,e,t){try{return n.addChunk(e,t)}catch(r){throw r instanceof RangeError?new A("limit",`there is not enough memory to decode it (${r.message})`):r}}var Jt=1<<18,ye=class{total;blob;constructor(e){this.blob=e,this.total=e.size}async*pieces(){for(let e=0;e<this.total;e+=Jt){let t;try{t=await this.blob.slice(e,e+Jt).arrayBuffer()}catch{throw new A("network","the file could not be read on; it may have been changed, moved or deleted")}yield new Uint8Array(t)}}};async function Qt(n,e={}){let{onProgress:t,onLod:r,signal:s,worker:o,...i}=e;s?.throwIfAborted();let a=n instanceof Blob?n:ts(n),l={progress:d=>t?.(d),lod:(d,c)=>r?.(d,c)};if(o!==null&&(o!==void 0||typeof Worker<"u"))return rs((o??ns)(),{source:a,options:i},l,s);let u=typeof a=="string"?new oe(a,s===void 0?{}:{signal:s}):new ye(a);return Zt(u,l,i)}function ts(n){let e=typeof document>"u"?globalThis.location?.href:document.baseURI;return new URL(n,e).href}function ns(){return new Worker(new URL("./worker.js",import.meta.url),{type:"module"})}function rs(n,e,t,r){return new Promise((s,o)=>{let i=null,a=()=>o(r?.reason);r?.addEventListener("abort",a,{once:!0}),n.onerror=l=>{l.preventDefault();let u=l.message?` (${l.message})`:"";o(new A("network",`the decoder could not be loaded or has failed${u}`))},n.onmessage=({data:l})=>{if(!r?.aborted)try{if(l.type==="progress")t.progress(l.progress);else if(l.type==="lod")i=Lt(i,l.update),t.lod(i,l.update.changed.map(({position:u})=>u));else if(l.type==="done"){let u=i;u.metadata=l.metadata,s(u)}else{let{code:u,message:d}=l;o(u===null?new Error(d):new A(u,d))}}catch(u){o(u)}},n.postMessage(e)}).finally(()=>n.terminate())}var U=(n,e)=>[n[0]+e[0],n[1]+e[1],n[2]+e[2]],T=(n,e)=>[n[0]-e[0],n[1]-e[1],n[2]-e[2]],L=(n,e)=>[n[0]*e,n[1]*e,n[2]*e],C=(n,e)=>n[0]*e[0]+n[1]*e[1]+n[2]*e[2],P=n=>Math.hypot(n[0],n[1],n[2]),S=(n,e)=>[n[1]*e[2]-n[2]*e[1],n[2]*e[0]-n[0]*e[2],n[0]*e[1]-n[1]*e[0]],O=n=>L(n,1/P(n));function en(n,e,t){let r=Math.cos(t),s=L(e,C(e,n)*(1-r));return U(U(L(n,r),L(S(e,n),Math.sin(t))),s)}function et(n){return O(S(Math.abs(n[1])<.9?[0,1,0]:[1,0,0],n))}var ss=35*Math.PI/180,os=.05,tn=35*Math.PI/180,nn=20*Math.PI/180,rn=.002;function is(n){let{width:e,height:t}=on(n);return typeof e=="number"&&typeof t=="number"&&e>0&&t>0?e/t:null}function sn(n,e){let t=on(n),r=t.vertical_fov,s=typeof r=="number"&&r>.001&&r<Math.PI-.001?r:ss,o=us(t.up)??nt(n),i=rt(n),a=tt(t.target)??ds(i),l=tt(t.eye);if(l!==null&&P(T(l,a))>1e-9){let c=is(n)??1;return e<c&&(s=2*Math.atan(Math.tan(s/2)*c/e),s=Math.min(s,2.6)),{eye:l,target:a,up:o,verticalFov:s}}let u=fs(o),d=hs(i,a,u,o,s,e);return{eye:U(a,L(u,d)),target:a,up:o,verticalFov:s}}function nt(n){return n.kind==="sdf"?[0,1,0]:[0,0,1]}function rt(n){let e=[...n.bounds.subarray(0,3)],t=[...n.bounds.subarray(3,6)],r=as(n);if(r===null)return[e,t];let s=[[],[]];return r.forEach((o,i)=>{let[a,l]=cs(o),u=t[i]-e[i];s[0].push(e[i]+u*a),s[1].push(e[i]+u*l)}),s}function as(n){let e=null;for(let l of n.grids)for(let{layout:u,code:d}of l.levels)u.kind==="octree"&&d!==null&&u.depth>(e?.depth??-1)&&(e=u);if(e!==null&&e.voxels.length>0)return ls(e);let t=n.occupancy;if(t===null||t.shape.length!==3)return null;let[r,s,o]=t.shape,i=[new Float64Array(o),new Float64Array(s),new Float64Array(r)],a=!1;for(let l=0;l<o*s*r;l++)t.cells[l>>3]>>(l&7)&1&&(a=!0,i[0][l%o]+=1,i[1][Math.floor(l/o)%s]+=1,i[2][Math.floor(l/(o*s))]+=1);return a?i:null}function ls(n){let e=[0,1,2].map(()=>new Float64Array(2**n.depth));for(let t of n.voxels)for(let r=0;r<3;r++){let s=0;for(let o=0;o<n.depth;o++)s|=(t>>>3*o+r&1)<<o;e[r][s]+=1}return e}function cs(n){let e=n.reduce((o,i)=>o+i,0),t=0,r=-1,s=n.length-1;for(let o=0;o<n.length;o++)if(t+=n[o],r<0&&t>rn*e&&(r=o),t>=(1-rn)*e){s=o;break}return[Math.max(r,0)/n.length,(s+1)/n.length]}function on(n){let e=n.metadata.camera;return typeof e=="object"&&e!==null&&!Array.isArray(e)?e:{}}function tt(n){return!Array.isArray(n)||n.length!==3?null:n.every(e=>typeof e=="number"&&Number.isFinite(e))?n:null}function us(n){let e=tt(n);return e!==null&&P(e)>1e-12?O(e):null}function ds([n,e]){return L(U(n,e),.5)}function fs(n){let e=Math.max(...n.map(Math.abs)),r=Math.abs(n[2])===e?[0,-1,0]:[0,0,1],s=O(T(r,L(n,C(r,n)))),o=U(L(s,Math.cos(tn)),L(S(n,s),Math.sin(tn)));return U(L(o,Math.cos(nn)),L(n,Math.sin(nn)))}function hs(n,e,t,r,s,o){let i=O(S(r,t)),a=S(t,i),l=Math.tan(s/2),u=0;for(let d=0;d<8;d++){let c=m=>n[d>>m&1][m],f=T([c(0),c(1),c(2)],e),h=Math.max(Math.abs(C(f,i))/(l*o),Math.abs(C(f,a))/l);u=Math.max(u,C(f,t)+h)}return u*(1+os)}var an=Math.PI,ge=Math.PI/24,we=1/24,Q=1.1,ms=.0015,ps=.01,bs=16,ys=300,ln=24;function cn(n,e){let t=new Map,r=!1,s=0,o=null,i={time:-1/0,x:0,y:0},a=new AbortController,l=(c,f,h={})=>n.addEventListener(c,f,{...h,signal:a.signal}),u=()=>{clearTimeout(s),s=window.setTimeout(()=>e.rest(),200)};l("pointerdown",c=>{n.focus({preventScroll:!0}),n.setPointerCapture(c.pointerId),t.set(c.pointerId,{x:c.clientX,y:c.clientY}),o=t.size===1?{x:c.clientX,y:c.clientY}:null,r=c.button!==0||c.shiftKey||c.ctrlKey||c.metaKey,c.button===1&&c.preventDefault()}),l("pointermove",c=>{let f=t.get(c.pointerId);if(f===void 0)return;let h={x:c.clientX,y:c.clientY},[m,b]=[h.x-f.x,h.y-f.y];o!==null&&Math.hypot(h.x-o.x,h.y-o.y)>ln/2&&(o=null);let p=n.clientHeight||1;if(t.size===1)r?e.pan(m/p,b/p):e.turn(m/p*an,b/p*an);else if(t.size===2){let v=[...t].find(([M])=>M!==c.pointerId)[1],x=M=>Math.hypot(M.x-v.x,M.y-v.y),[w,k]=[x(f),x(h)];w>1&&k>1&&e.zoom(w/k),e.pan(m/2/p,b/2/p)}t.set(c.pointerId,h)});let d=c=>{t.delete(c.pointerId)&&t.size===0&&e.rest()};return l("pointerup",c=>{let{timeStamp:f,clientX:h,clientY:m}=c,b=Math.hypot(h-i.x,m-i.y)<ln;o!==null&&c.pointerType==="touch"&&(b&&f-i.time<ys&&e.reset(),i={time:f,x:h,y:m}),d(c)}),l("pointercancel",d),l("dblclick",()=>e.reset()),l("contextmenu",c=>c.preventDefault()),l("wheel",c=>{c.preventDefault();let f=c.deltaMode===WheelEvent.DOM_DELTA_PIXEL?1:bs,h=Math.max(-400,Math.min(400,c.deltaY*f));e.zoom(Math.exp(h*(c.ctrlKey?ps:ms))),u()},{passive:!1}),l("keydown",c=>{if(c.ctrlKey||c.metaKey||c.altKey)return;let h={ArrowLeft:()=>c.shiftKey?e.pan(-we,0):e.turn(-ge,0),ArrowRight:()=>c.shiftKey?e.pan(we,0):e.turn(ge,0),ArrowUp:()=>c.shiftKey?e.pan(0,-we):e.turn(0,-ge),ArrowDown:()=>c.shiftKey?e.pan(0,we):e.turn(0,ge),"+":()=>e.zoom(1/Q),"=":()=>e.zoom(1/Q),"-":()=>e.zoom(Q),PageUp:()=>e.zoom(1/Q),PageDown:()=>e.zoom(Q),Home:()=>e.reset(),0:()=>e.reset()}[c.key];h!==void 0&&(c.preventDefault(),h(),u())}),()=>{clearTimeout(s),a.abort()}}function un(n){let e=[];if(n.view!==void 0){let{eye:t,target:r,up:s,verticalFov:o}=n.view;e.push(`camera=${[...t,...r,...s,o].map(st).join(",")}`)}return n.lod!==void 0&&e.push(`lod=${n.lod}`),n.mode!==void 0&&e.push(`mode=${encodeURIComponent(n.mode)}`),n.colormap!==void 0&&e.push(`colormap=${encodeURIComponent(n.colormap)}`),n.range!==void 0&&e.push(`range=${n.range.map(st).join(",")}`),n.level!==void 0&&e.push(`level=${st(n.level)}`),e.length>0?`#${e.join("&")}`:""}function xe(n){let e=new URLSearchParams(n.replace(/^#/,"")),t={},r=ve(e.get("camera"),10);if(r!==null){let[u,d,c]=[0,3,6].map(b=>r.slice(b,b+3)),f=r[9];Math.hypot(...u.map((b,p)=>b-d[p]))>1e-9&&Math.hypot(...c)>1e-9&&f>.001&&f<3&&(t.view={eye:u,target:d,up:c,verticalFov:f})}let s=ve(e.get("lod"),1);s!==null&&Number.isInteger(s[0])&&s[0]>=0&&(t.lod=s[0]);let o=e.get("mode");o!==null&&(t.mode=o);let i=e.get("colormap");i!==null&&(t.colormap=i);let a=ve(e.get("range"),2);a!==null&&a[0]<a[1]&&(t.range=a);let l=ve(e.get("level"),1);return l!==null&&(t.level=l[0]),t}function dn(n){let e=n.searchParams.get("src");if(e===null||e==="")return null;let t=new URL(e,n);if(t.protocol!=="http:"&&t.protocol!=="https:")throw new TypeError(`"${e}" is not the address of a file on a web server`);return t}function fn(n){let e=n.pathname.split("/").pop()??"";try{return decodeURIComponent(e)||n.host}catch{return e}}function ve(n,e){if(n===null)return null;let t=n.split(",").map(r=>r.trim()===""?NaN:Number(r));return t.length===e&&t.every(Number.isFinite)?t:null}function st(n){return String(Number(n.toPrecision(8)))}function ot(n,e){if(n instanceof TypeError)return gs(n.message);let t=n instanceof A?n.code:n?.code,r=at(n instanceof Error?n.message:String(n));switch(t){case"damaged":return{title:`${e} cannot be read`,text:r,remedy:"Copy or download the file again as binary. If you have it on disk, \u201Cnfcodec verify\u201D says whether it is sound."};case"unsupported":return{title:`${e} needs a newer viewer`,text:r,remedy:"Update nfcodec, and export the viewer anew if this page is an export."};case"limit":return{title:`${e} is too large`,text:r,remedy:"Encode the field with fewer levels of detail, or look at a smaller one."};case"network":return{title:`${e} could not be loaded`,text:r,remedy:"Check the name and the connection. A file on another server needs that server's permission (CORS)."};default:return{title:`${e} could not be shown`,text:r,remedy:"This is a defect of the viewer: please report it with this text."}}}function gs(n){return{title:"This address names no file",text:at(n),remedy:"Put the file beside this page and open ?src=name.nfc, or drop it here."}}function it(n,e){return{title:"This browser cannot draw the field",text:at(n)+(e?" This is the preview stored in the file.":""),remedy:"The viewer needs WebGPU: a current Chrome, Edge, Firefox or Safari, with graphics acceleration switched on, on a page served over https or from this machine."}}var hn={title:"Drop a .nfc file here",text:"It is drawn while it is read, on this machine; nothing is sent anywhere.",remedy:"A file beside this page opens with ?src=name.nfc in the address."};function at(n){let e=n.trim();if(e==="")return"The reason is not known.";let t=/[.!?]$/.test(e)?e:`${e}.`;return t[0].toUpperCase()+t.slice(1)}function ee(n){if(n<1e3)return`${n} B`;let e=n,t="";for(t of["kB","MB","GB"])if(e/=1e3,e<999.5)break;return`${e<9.95?e.toFixed(1):Math.round(e)} ${t}`}var ws=.01,vs=.02,xs=40,ks=.03,ke=class{#e;#n;#r;#t;constructor(e,t,r){this.#e=e,this.#n=r;let s=O(T(e.eye,e.target)),o=S(e.up,s),i=P(o)>1e-6?O(o):et(s),a=C(S(s,i),t)>0;this.#r=a&&Math.abs(C(i,t))<ks?t:e.up,this.#t=e}get view(){return this.#t}set view(e){this.#t=e}get isHome(){return this.#t===this.#e}reset(){this.#t=this.#e}turn(e,t){let{eye:r,target:s}=this.#t,o=en(T(r,s),this.#r,-e),i=P(o),a=Math.min(1,Math.max(-1,C(o,this.#r)/i)),l=Math.PI/2-ws,u=Math.asin(a),d=Math.min(l,Math.max(-l,u+t)),c=T(o,L(this.#r,C(o,this.#r))),f=P(c)>1e-9*i?O(c):et(this.#r),h=U(L(f,Math.cos(d)),L(this.#r,Math.sin(d)));this.#t={...this.#t,eye:U(s,L(h,i)),up:this.#r}}pan(e,t){let{eye:r,target:s,up:o,verticalFov:i}=this.#t,a=T(r,s),l=2*P(a)*Math.tan(i/2),u=O(S(o,a)),d=O(S(a,u)),c=U(L(u,-e*l),L(d,t*l));this.#t={...this.#t,eye:U(r,c),target:U(s,c)}}zoom(e){let{eye:t,target:r}=this.#t,s=T(t,r),o=P(s)*e,i=Math.min(xs*this.#n,Math.max(vs*this.#n,o));this.#t={...this.#t,eye:U(r,L(O(s),i))}}};function y(n,e=HTMLElement){let t=document.getElementById(n);if(!(t instanceof e))throw new Error(`the page has no ${e.name} "${n}"`);return t}var mn=0;function Ae(n){let e=y("toast");e.textContent=n,e.classList.add("seen"),clearTimeout(mn),mn=window.setTimeout(()=>e.classList.remove("seen"),2500)}var Me={viridis:"44015446085c471063481769481d6f482475472a7a46307e453781433d844142873f48893d4e8a3a538b38598c355e8d33638d31688e2e6d8e2c718e2a768e297b8e27808e25848e23898e218e8d20928c1f978b1e9c891fa18821a58524aa8328ae802eb37c35b7793dbc7446c06f50c46a5ac86465cb5e70cf577cd25089d54895d840a2da37b0dd2fbddf26cae11fd8e219e5e419f1e51dfde725",magma:"00000402020b0504160907200e0b2b140e361a104221114e29115a311165390f6e420f754a107952137c5a167e6219806a1c81721f81792282812581892881912b81992d80a1307eaa337db2357bba3878c23b75ca3e72d2426fd9466be04c67e75263ec5860f1605df4695cf7725cf97b5dfb8560fc8e64fd9869fea16efeaa74feb47bfebd82fec68afecf92fed89afde2a3fdebacfcf4b6fcfdbf",inferno:"00000402020c0504170a072210092d160b391e0c45260c512f0a5b380962400a67490b6a510e6c59106e61136e69166e71196e781c6d801f6c88226a902568982766a02a63a82e5fb0315bb73557bf3952c63d4dcc4248d34743d94d3ddf5337e45a31e9612bed6925f1711ff47918f78212f98b0bfa9407fb9d07fca60cfcb014fbba1ffac42af8cd37f6d746f4e156f2ea69f2f27df5f992fcffa4",cividis:"00224e002656002a5f002d68003070083370163770203a6f273e6e2e416d34456c3a486c3f4c6c444f6c49536c4e566c535a6d575d6d5c616e60646f656870696b716d6f727272747676767a7a787e7d788381798885788d8878928c789690779b9476a09875a59c74aaa073afa471b5a86fbaac6dbfb06bc4b468c9b965cfbd62d4c15fdac65bdfca57e5cf52ead34cf0d846f6dd3ffce236fee838",turbo:"30123b36215f3b2f803f3e9c424bb54559cb4666dd4773eb4680f6458cfd4099ff38a5fb2fb2f427bee91fc9dd1ad4d018ddc21ae4b622ebaa2ff19b3ff68a52fa7a65fd6979fe598bff4b9cfe40a9fb39b7f735c3f134d0ea34dbe236e5d938eecf3af5c53afaba39fdae35fea130fe932afc8423f9751df46617ef5811e84b0ce14109d83706ce2d04c32503b71d02a916019b0f018b09027a0403",coolwarm:"3b4cc04055c8465ecf4c66d6536edd5977e35f7fe86687ed6c8ff17396f57a9df881a4fb88abfd8fb1fe96b7ff9dbdffa3c2feaac7fdb1cbfcb7cff9bed2f6c4d5f3cad8efcfdaead5dbe5dadce0dfdbd9e4d9d2e9d5cbedd2c3f0cdbbf2c9b4f5c4acf6bea4f7b89cf7b194f7aa8cf6a385f59c7df39475f08b6eed8366e97a5fe57058e16751dc5d4ad65244d0473dca3b37c32e31bb1b2cb40426",gray:"000000ffffff"},lt=256;function $e(n){let e=Me[n];if(e===void 0)throw new RangeError(`there is no colour map "${n}"`);let t=e.length/6,r=new Uint8ClampedArray(4*lt);for(let s=0;s<lt;s++){let o=s/(lt-1)*(t-1),i=Math.min(t-2,Math.floor(o));for(let a=0;a<3;a++){let l=d=>parseInt(e.slice(6*d+2*a,6*d+2*a+2),16),u=l(i);r[4*s+a]=u+(l(i+1)-u)*(o-i)}r[4*s+3]=255}return r}var As={nerf:[["shaded","Radiance"],["depth","Depth"]],sdf:[["shaded","Light"],["normals","Normals"],["depth","Depth"]],scalar:[["shaded","Volume"],["iso","Surface"]]};function ct(n){return n.dims===2?[["shaded","Plane"]]:As[n.kind]}function ut(n){let e=n.metadata.background;return!Array.isArray(e)||e.length!==3||!e.every(t=>typeof t=="number"&&Number.isFinite(t))?null:e.map(t=>Math.min(1,Math.max(0,t)))}function pn(n){let e=n.metadata.value_range;if(!Array.isArray(e)||e.length!==2)return null;let[t,r]=e;return typeof t!="number"||typeof r!="number"?null:Number.isFinite(t)&&Number.isFinite(r)&&t<r?[t,r]:null}var bn=[1,1,1],Ms=[20/255,23/255,28/255],$s=[0,0,0],Ee=class{#e;#n;#r=null;#t="shaded";#s=null;#i="page";#o=null;#a=null;constructor(e,t){this.#e=e,this.#n=t;let r=y("colormap",HTMLSelectElement);for(let s of Object.keys(Me))r.add(new Option(s,s));y("panel",HTMLFormElement).addEventListener("submit",s=>s.preventDefault()),y("lod",HTMLInputElement).addEventListener("input",()=>{this.#c(Number(y("lod",HTMLInputElement).value))}),y("auto",HTMLInputElement).addEventListener("change",()=>{let s=y("auto",HTMLInputElement).checked;this.#c(s?null:Number(y("lod",HTMLInputElement).value))}),r.addEventListener("change",()=>this.#l());for(let s of["low","high"])y(s,HTMLInputElement).addEventListener("change",()=>this.#l());y("level",HTMLInputElement).addEventListener("input",()=>{this.#a=Number(y("level",HTMLInputElement).value)/1e3,this.#l()})}get look(){let e=this.#f();return{lod:this.#s,mode:this.#t,background:this.#h(),colormap:y("colormap",HTMLSelectElement).value,range:e,isoLevel:this.#a===null?null:this.#u()}}open(e,t){this.#r=e;let r=ct(e),s=r.some(([f])=>f===t.mode);this.#t=s?t.mode:r[0][0],this.#s=t.lod??null,yn("modes",r,this.#t,f=>{this.#t=f,this.#l()});let o=ut(e);this.#i=o===null?"page":"file";let i=[...o===null?[]:[["file","File\u2019s"]],["page","Page\u2019s"],["white","White"],["black","Black"]];yn("backgrounds",i,this.#i,f=>{this.#i=f,this.#l()});let a=y("colormap",HTMLSelectElement);a.value=t.colormap!==void 0&&t.colormap in Me?t.colormap:"viridis";let l=t.range??pn(e);y("low",HTMLInputElement).value=l===null?"":String(l[0]),y("high",HTMLInputElement).value=l===null?"":String(l[1]);for(let f of["low","high"])y(f,HTMLInputElement).placeholder="";this.#o=l;let[u,d]=l??[0,1];this.#a=t.isoLevel==null?null:(t.isoLevel-u)/(d-u);let c=Math.min(1,Math.max(0,this.#a??.5));y("level",HTMLInputElement).value=String(Math.round(1e3*c)),y("lod",HTMLInputElement).max=String(e.lods-1),y("detail").hidden=e.lods<2,this.#l()}arrived(e){this.#r=e,this.#d()}get lacksRange(){return this.#r?.kind==="scalar"&&this.#o===null}set measuredRange(e){let t=this.#a===null?null:this.#u();this.#o=e,y("low",HTMLInputElement).placeholder=dt(e[0]),y("high",HTMLInputElement).placeholder=dt(e[1]),t!==null&&(this.#a=(t-e[0])/(e[1]-e[0])),this.#d()}step(e){if(this.#r===null)return;let t=this.#r.lods-1,r=this.#s??Math.max(0,this.#r.lodsDecoded-1),s=Math.max(0,r+e);this.#c(s>t?null:s)}automatic(){this.#c(null)}nextMode(){if(this.#r===null)return;let e=ct(this.#r).map(([r])=>r);this.#t=e[(e.indexOf(this.#t)+1)%e.length];let t=document.querySelector(`#modes input[value="${this.#t}"]`);t!==null&&(t.checked=!0),this.#l()}themeChanged(){this.#r!==null&&this.#l()}#c(e){this.#s=e,this.#l()}#l(){this.#d(),this.#e(this.look)}#d(){let e=this.#r;if(e===null)return;let t=Math.max(0,e.lodsDecoded-1),r=Math.min(t,this.#s??t);y("lod",HTMLInputElement).value=String(this.#s??t),y("auto",HTMLInputElement).checked=this.#s===null;let s=this.#s!==null&&this.#s>t?", waiting":"";y("lod-value").textContent=`${r} of 0\u2013${e.lods-1}${s}`;let o=e.kind==="scalar",i=this.#t==="iso";y("colours").hidden=!o,y("range").hidden=!o,y("surface").hidden=!i,y("level-value").textContent=this.#o===null?"":dt(this.#u()),o&&Es(y("colormap",HTMLSelectElement).value)}#u(){let[e,t]=this.#f()??this.#o??[0,1];return e+(t-e)*(this.#a??.5)}#f(){let e=[y("low",HTMLInputElement).value,y("high",HTMLInputElement).value];if(e.every(s=>s===""))return null;let[t,r]=e.map((s,o)=>s===""?this.#o?.[o]:Number(s));return t===void 0||r===void 0?null:Number.isFinite(t)&&Number.isFinite(r)&&t<r?[t,r]:null}#h(){let e=this.#n()?Ms:bn;return{file:(this.#r===null?null:ut(this.#r))??e,page:e,white:bn,black:$s}[this.#i]}};function yn(n,e,t,r){let s=y(n);s.replaceChildren(...e.map(([o,i])=>{let a=document.createElement("label"),l=document.createElement("input");return Object.assign(l,{type:"radio",name:n,value:o,checked:o===t}),l.addEventListener("change",()=>r(o)),a.append(l,i),a})),s.closest("fieldset").hidden=e.length<2}function Es(n){let e=y("ramp",HTMLCanvasElement),t=new ImageData($e(n),256,1);e.getContext("2d").putImageData(t,0,0)}function dt(n){return String(Number(n.toPrecision(4)))}var Ls=[137,78,70,67,13,10,26,10],ft=20,gn=12,Us=4096,_s=1<<20;async function wn(n,e){let t=await ht(n,0,Us,e);if(t.length<ft||Ls.some((u,d)=>t[d]!==u))throw new A("damaged","this is not a .nfc file (no signature at its start)");let r=new DataView(t.buffer,t.byteOffset),s=r.getUint16(10,!0),o=ft+gn*s,i=Math.ceil((o+r.getUint32(12,!0))/4)*4;if(t.length<o&&(t=await ht(n,0,o,e)),t.length<o)return null;let a=new DataView(t.buffer,t.byteOffset),l=i;for(let u=ft;u<o;u+=gn){let d=String.fromCharCode(...t.subarray(u,u+4)),c=a.getUint32(u+4,!0);if(d==="prev")return c<4||c>_s?null:Ts(await ht(n,l,c,e),c);l+=c}return null}function Ts(n,e){if(n.length<e)return null;let t=new DataView(n.buffer,n.byteOffset).getUint32(0,!0);return t>e-4?null:new Blob([n.subarray(4,4+t)])}async function ht(n,e,t,r){if(n instanceof Blob)return new Uint8Array(await n.slice(e,e+t).arrayBuffer());let s;try{let i=`bytes=${e}-${e+t-1}`;s=await fetch(n,{headers:{range:i},signal:r})}catch(i){throw r.aborted?i:new A("network","the server could not be reached")}if(!s.ok)throw new A("network",`the server answered ${s.status} ${s.statusText}`);let o=new Uint8Array(await s.arrayBuffer());return s.status===206?o:o.slice(e,e+t)}var Le=class{#e=0;progress(e,t,r){y("readout").hidden=!1;let s=t===null||t===0?0:Math.min(1,e/t);y("fill").style.transform=`scaleX(${s})`,y("bar").setAttribute("aria-valuenow",String(Math.round(100*s))),y("received").textContent=t===null?ee(e):`${ee(e)} / ${ee(t)}`;let o=y("ticks"),i=t===null?[]:r.slice(0,-1);o.childElementCount!==i.length&&o.replaceChildren(...i.map(a=>{let l=document.createElement("i");return l.style.left=`${100*a/t}%`,l}))}shown(e){y("level-shown").textContent=`${e.lod} of 0\u2013${e.lods-1}`,y("pixels").textContent=`${e.width} \xD7 ${e.height}`+(e.share<1?` (${Math.round(100*e.share)} %)`:""),y("memory").textContent=ee(e.gpuBytes),this.#n(e.framesPerSecond)}#n(e){let t=y("frames");if(clearTimeout(this.#e),e===null){t.textContent="still";return}t.textContent=`${e.toFixed(e<10?1:0)} / s`,this.#e=window.setTimeout(()=>t.textContent="still",1200)}};var vn=`// What a program reads and writes. docs/renderer.md has the layout of every buffer.

struct Params {
    eye: vec4<f32>,         // the eye, in box coordinates u
    right: vec4<f32>,       // the camera's axes, in the field's own
    up: vec4<f32>,
    back: vec4<f32>,
    lens: vec4<f32>,        // fx, fy, cx, cy in pixels
    distortion: vec4<f32>,  // k1, k2, p1, p2
    scale: vec4<f32>,       // u per unit of length along x, y, z
    background: vec4<f32>,  // display-referred red, green, blue
    march: vec4<f32>,       // step; the box's nearest and farthest distance to the eye; slope bound
    surface: vec4<f32>,     // shortest step, step of normals (lengths), iso value; unused
    transfer: vec4<f32>,    // low and high value, optical depth of one step at the high one; unused
    tile: vec4<u32>,        // left, top, width, height: the pixels of this dispatch
    picture: vec4<u32>,     // width, height, rays along a pixel's side, mode
    chosen: vec4<u32>,      // LOD, channel, flags, number of points
    cells: vec4<u32>,       // cells along x, y, z; first word of their bitmap
    blocks: vec4<u32>,      // first word of the bitmap of blocks of cells; unused
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;
//#if reads_points
@group(0) @binding(3) var<storage, read> points: array<vec4<f32>>;
//#end
//#if reads_table
@group(0) @binding(3) var<storage, read> table: array<vec4<f32>>;
//#end
//#for buffer in buffers
//#if buffer.is_words
@group(0) @binding(\${buffer.binding}) var<storage, read> \${buffer.name}: array<u32>;
//#end
//#if buffer.is_sites
@group(0) @binding(\${buffer.binding}) var<storage, read> \${buffer.name}: array<vec4<u32>>;
//#end
//#if buffer.is_weights
@group(0) @binding(\${buffer.binding}) var<storage, read> \${buffer.name}: array<vec4<f32>>;
//#end
//#if buffer.is_uniform
@group(0) @binding(\${buffer.binding}) var<uniform> \${buffer.name}: array<vec4<f32>, \${buffer.length}>;
//#end
//#end

const MODE_DEPTH = 1u;
const MODE_NORMALS = 2u;
const MODE_ISO = 3u;
const FLAG_DISTORTED = 1u;
const FLAG_EXACT_DISTANCE = 2u;
`;var xn=`// Puts a finished picture on the page's canvas, pixel by pixel.

@group(0) @binding(0) var<storage, read> picture: array<vec2<u32>>;
@group(0) @binding(1) var<uniform> size: vec4<u32>;  // width, height, unused

@vertex
fn corner(@builtin(vertex_index) number: u32) -> @builtin(position) vec4<f32> {
    // One triangle that covers everything.
    return vec4<f32>(f32(number & 1u) * 4.0 - 1.0, f32(number >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn pixel(@builtin(position) place: vec4<f32>) -> @location(0) vec4<f32> {
    let at = min(vec2<u32>(place.xy), size.xy - 1u);
    let halves = picture[at.y * size.x + at.x];
    return vec4<f32>(unpack2x16float(halves.x), unpack2x16float(halves.y).x, 1.0);
}
`;var kn=`// The function whose zero set is drawn: a signed distance, or how far a scalar is below a value.

// Negative inside.
fn distance_at(u: vec3<f32>) -> f32 {
    run_at(u);
//#if kind_scalar
    return params.surface.z - value(params.chosen.y);
//#else
    return value(0u);
//#end
}

// Central differences along an axis end here: \`side\` -1 or 1 step of \`step\` units, in the box.
fn moved(u: vec3<f32>, axis: u32, side: f32, step: f32) -> vec3<f32> {
    let towards = vec3<f32>(vec3<u32>(axis) == vec3<u32>(0u, 1u, 2u));
    return clamp(u + side * step * params.scale.xyz * towards, vec3<f32>(-1.0), vec3<f32>(1.0));
}
`;var An=`// Interpolated feature vectors: one function for each level, from its codes as they are stored.

//#if features
var<private> features: array<vec4<f32>, \${features}>;
// The vector, or the low-rank coefficients, of the level in hand, two channels each.
var<private> mixed: array<vec2<f32>, \${mixed}>;
//#end
//#if octrees

// The row of lattice site \`site\` of the octree whose blocks begin at \`first\`, and whether it (1)
// and its upper neighbour along x (2) have one. A block is the number of rows before it and the
// bits of 96 sites. The neighbour's row is the next one.
fn find_rows(first: u32, site: u32) -> vec2<u32> {
    let number = first + site / 96u;
    let block = sites[number];
    let inner = site % 96u;
    let bit = inner & 31u;
    let below = (1u << bit) - 1u;
    var row = block.x;
    var word: u32;
    var after: u32;
    if (inner < 32u) {
        word = block.y;
        after = block.z;
        row += countOneBits(block.y & below);
    } else if (inner < 64u) {
        word = block.z;
        after = block.w;
        row += countOneBits(block.y) + countOneBits(block.z & below);
    } else {
        word = block.w;
        after = 0u;
        row += countOneBits(block.y) + countOneBits(block.z) + countOneBits(block.w & below);
        if (inner == 95u) {
            after = sites[number + 1u].y;
        }
    }
    let next = select(word >> (bit + 1u), after, bit == 31u);
    return vec2<u32>(row, ((word >> bit) & 1u) | ((next & 1u) << 1u));
}
//#end
//#for level in levels

// Adds \`weight\` times vector \`row\` of level \${level.index}.
fn add_row_\${level.index}(row: u32, weight: f32) {
//#if level.vq
    let bit = row * \${level.bits}u;
    let word = \${level.codes.offset}u + (bit >> 5u);
    var code = \${level.codes.buffer}[word] >> (bit & 31u);
//#if level.straddles
    code |= (\${level.codes.buffer}[word + 1u] << 1u) << (31u - (bit & 31u));
//#end
    let at = \${level.vectors.offset}u + (code & \${level.mask}u) * \${level.pitch}u;
//#else
    let at = \${level.vectors.offset}u + row * \${level.pitch}u;
//#end
//#for pair in level.pairs
//#if level.float32
    mixed[\${pair.index}] += weight * vec2<f32>(
        bitcast<f32>(\${level.vectors.buffer}[at + \${pair.first}u]),
        bitcast<f32>(\${level.vectors.buffer}[at + \${pair.second}u]),
    );
//#else
    mixed[\${pair.index}] += weight * unpack2x16float(\${level.vectors.buffer}[at + \${pair.index}u]);
//#end
//#end
}

// Adds level \${level.index} at v in [-1, 1]^3 to the features.
fn add_level_\${level.index}(v: vec3<f32>) {
    mixed = array<vec2<f32>, \${mixed}>();
//#if level.lowrank
    var present = 0.0;
//#end
//#if level.octree
    let place = clamp((v + 1.0) * \${level.half}, vec3<f32>(0.0), vec3<f32>(\${level.last}.0));
    let base = min(vec3<u32>(place), vec3<u32>(\${level.last}u - 1u));
    let part = place - vec3<f32>(base);
    for (var side = 0u; side < 4u; side++) {
        let upper = vec2<u32>(side & 1u, side >> 1u);
        let line = (base.z + upper.y) * (\${level.last}u + 1u) + base.y + upper.x;
        let found = find_rows(\${level.sites.offset}u, line * (\${level.last}u + 1u) + base.x);
        let weight = select(1.0 - part.y, part.y, upper.x == 1u)
            * select(1.0 - part.z, part.z, upper.y == 1u);
        if ((found.y & 1u) != 0u) {
            add_row_\${level.index}(found.x, weight * (1.0 - part.x));
//#if level.lowrank
            present += weight * (1.0 - part.x);
//#end
        }
        if ((found.y & 2u) != 0u) {
            add_row_\${level.index}(found.x + (found.y & 1u), weight * part.x);
//#if level.lowrank
            present += weight * part.x;
//#end
        }
    }
//#else
    let size = vec3<i32>(\${level.size});
    let free = (v + 1.0) * vec3<f32>(\${level.half}) - \${level.shift};
//#if level.clamps
    let place = clamp(free, vec3<f32>(0.0), vec3<f32>(size - 1));
    let base = min(vec3<i32>(place), max(size - 2, vec3<i32>(0)));
//#else
    let place = clamp(free, vec3<f32>(-2.0), vec3<f32>(size + 1));
    let base = vec3<i32>(floor(place));
//#end
    let part = place - vec3<f32>(base);
    for (var corner = 0u; corner < \${level.corners}u; corner++) {
        let upper = vec3<u32>(corner & 1u, (corner >> 1u) & 1u, corner >> 2u);
        let at = base + vec3<i32>(upper);
        if (all(at >= vec3<i32>(0)) && all(at < size)) {
            let sides = select(1.0 - part, part, upper == vec3<u32>(1u));
            let weight = sides.x * sides.y * sides.z;
            add_row_\${level.index}(u32((at.z * size.y + at.y) * size.x + at.x), weight);
//#if level.lowrank
            present += weight;
//#end
        }
    }
//#end
//#if level.lowrank
    // Interpolation is linear: the coefficients are mixed, then the basis multiplies them once.
//#for pair in level.finish
    let whole_\${pair.index} = present * unpack2x16float(\${level.basis.buffer}[\${pair.mean}u])
//#for term in pair.terms
        + \${term.coefficient} * unpack2x16float(\${level.basis.buffer}[\${term.at}u])
//#end
        ;
//#end
//#for pair in level.finish
    mixed[\${pair.index}] = whole_\${pair.index};
//#end
//#end
//#for line in level.stores
    \${line}
//#end
}
//#end

// The features of all grids at u, with what levels the LOD in use has.
fn read_features(u: vec3<f32>) {
//#if features
    features = array<vec4<f32>, \${features}>();
//#end
//#for grid in grids
//#if grid.transform
    let v_\${grid.index} = vec3<f32>(
//#for row in grid.transform
        \${row},
//#end
    );
//#else
    let v_\${grid.index} = u;
//#end
//#for level in grid.levels
    if (params.chosen.x >= \${level.lod}u) {
        add_level_\${level.index}(v_\${grid.index});
    }
//#end
//#end
}
`;var Mn=`// Encodings, activations and the decoder networks.

var<private> position: vec3<f32>;
var<private> direction: vec3<f32>;
//#for network in networks
var<private> out_\${network.index}: array<vec4<f32>, \${network.outputs}>;
//#end

// sin(r) for r in [-pi / 2, pi / 2], or its negative where \`turns\` is odd.
fn sine_of(r: vec4<f32>, turns: vec4<f32>) -> vec4<f32> {
    let s = r * r;
    var p = fma(s, vec4<f32>(2.60005462e-6), vec4<f32>(-1.98066151e-4));
    p = fma(s, p, vec4<f32>(8.33301729e-3));
    p = fma(s, p, vec4<f32>(-1.66666571e-1));
    let value = fma(r * s, p, r);
    return select(value, -value, (vec4<i32>(turns) & vec4<i32>(1)) != vec4<i32>(0));
}

// x - times pi, with pi in three parts of few bits (Cody and Waite).
fn less_pi(x: vec4<f32>, times: vec4<f32>) -> vec4<f32> {
    let r = fma(times, vec4<f32>(-3.140625), x);
    return fma(times, vec4<f32>(-1.509957990978376432e-7),
        fma(times, vec4<f32>(-9.67502593994140625e-4), r));
}

// The built-in functions promise little beyond [-pi, pi], and that to 2^-11 only.
fn sine(x: vec4<f32>) -> vec4<f32> {
    let turns = round(x * 0.31830988618379067);
    return sine_of(less_pi(x, turns), turns);
}

fn cosine(x: vec4<f32>) -> vec4<f32> {
    let turns = floor(x * 0.31830988618379067) + 1.0;
    return sine_of(less_pi(x, turns - 0.5), turns);
}

fn activate_relu(x: vec4<f32>) -> vec4<f32> {
    return max(x, vec4<f32>(0.0));
}

fn activate_leaky_relu(x: vec4<f32>) -> vec4<f32> {
    return select(0.01 * x, x, x > vec4<f32>(0.0));
}

fn activate_sine(x: vec4<f32>) -> vec4<f32> {
    return sine(x);
}

fn activate_softplus(x: vec4<f32>) -> vec4<f32> {
    return max(x, vec4<f32>(0.0)) + log(1.0 + exp(-abs(x)));
}

fn activate_exp(x: vec4<f32>) -> vec4<f32> {
    return exp(min(x, vec4<f32>(15.0)));
}

// Exponents are kept where float32 does not overflow, as what comes of that is not defined.
fn activate_sigmoid(x: vec4<f32>) -> vec4<f32> {
    return 1.0 / (1.0 + exp(-max(x, vec4<f32>(-80.0))));
}

fn activate_tanh(x: vec4<f32>) -> vec4<f32> {
    return 1.0 - 2.0 / (1.0 + exp(2.0 * min(x, vec4<f32>(40.0))));
}

fn activate_snake_alt(x: vec4<f32>) -> vec4<f32> {
    let s = sine(x);
    return 0.5 * x + s * s;
}

fn activate_none(x: vec4<f32>) -> vec4<f32> {
    return x;
}
//#if harmonics

// Real spherical harmonics, numbered as in docs/conventions.md, four at a time.
fn harmonics_0(d: vec3<f32>) -> vec4<f32> {
    return vec4<f32>(0.28209479177387814, -0.48860251190291987 * d.y,
        0.48860251190291987 * d.z, -0.48860251190291987 * d.x);
}

fn harmonics_1(d: vec3<f32>) -> vec4<f32> {
    return vec4<f32>(1.0925484305920792 * d.x * d.y, -1.0925484305920792 * d.y * d.z,
        0.94617469575755997 * d.z * d.z - 0.31539156525251999, -1.0925484305920792 * d.x * d.z);
}

fn harmonics_2(d: vec3<f32>) -> vec4<f32> {
    return vec4<f32>(0.54627421529603959 * (d.x * d.x - d.y * d.y),
        0.59004358992664352 * d.y * (d.y * d.y - 3.0 * d.x * d.x),
        2.8906114426405538 * d.x * d.y * d.z,
        0.45704579946446572 * d.y * (1.0 - 5.0 * d.z * d.z));
}

fn harmonics_3(d: vec3<f32>) -> vec4<f32> {
    return vec4<f32>(0.3731763325901154 * d.z * (5.0 * d.z * d.z - 3.0),
        0.45704579946446572 * d.x * (1.0 - 5.0 * d.z * d.z),
        1.4453057213202769 * d.z * (d.x * d.x - d.y * d.y),
        0.59004358992664352 * d.x * (3.0 * d.y * d.y - d.x * d.x));
}
//#end
//#for network in networks

// Network \${network.index} of the field.
fn run_network_\${network.index}() {
//#for encoded in network.encoded
    let \${encoded.name} = \${encoded.value};
//#end
//#for block in network.entry
    let entry_\${block.index} = \${block.value};
//#end
//#for name in network.scratch
    var \${name}: array<vec4<f32>, \${network.hidden}>;
//#end
//#for layer in network.layers
//#if layer.single
    {
        let at = \${layer.weights.offset}u;
        var sum = \${layer.weights.buffer}[at];
//#for column in layer.columns
        sum += \${layer.weights.buffer}[at + \${column.index}u] * \${column.value};
//#end
        \${layer.target}[0] = activate_\${layer.activation}(sum\${layer.gain});
    }
//#else
    for (var row = 0u; row < \${layer.rows}u; row++) {
        let at = \${layer.weights.offset}u + row * \${layer.stride}u;
        var sum = \${layer.weights.buffer}[at];
//#for column in layer.columns
        sum += \${layer.weights.buffer}[at + \${column.index}u] * \${column.value};
//#end
        \${layer.target}[row] = activate_\${layer.activation}(sum\${layer.gain});
    }
//#end
//#end
}
//#end

// Runs what a density, or the value of a field without one, needs, at u.
fn run_at(u: vec3<f32>) {
    position = u;
    read_features(u);
//#for network in first_networks
    run_network_\${network.index}();
//#end
}
//#if kind_nerf

// After run_at(u).
fn density() -> f32 {
    return out_\${density_network}[0].x;
}

// After run_at(u): the colour seen along \`towards\`.
fn colour(towards: vec3<f32>) -> vec3<f32> {
    direction = towards;
//#for network in last_networks
    run_network_\${network.index}();
//#end
    return out_\${last_network}[0].xyz;
}
//#else

// After run_at(u).
fn value(channel: u32) -> f32 {
    return out_\${last_network}[channel >> 2u][channel & 3u];
}
//#end
`;var $n=`// A picture of a 2-D scalar field, fitted into the image: x to the right, y up.
//#include bindings.wgsl
//#include grids.wgsl
//#include networks.wgsl
//#include rays.wgsl
//#include transfer.wgsl

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (any(id.xy >= params.tile.zw)) {
        return;
    }
    let pixel = params.tile.xy + id.xy;
    var sum = vec3<f32>(0.0);
    for (var number = 0u; number < params.picture.z * params.picture.z; number++) {
        // params.lens.xy: u per pixel.
        let from_centre = place_in_pixel(pixel, number) - 0.5 * vec2<f32>(params.picture.xy);
        let u = from_centre * params.lens.xy * vec2<f32>(1.0, -1.0);
        if (all(abs(u) <= vec2<f32>(1.0))) {
            run_at(vec3<f32>(u, 0.0));
            sum += table_colour(place_of(value(params.chosen.y)));
        } else {
            sum += params.background.xyz;
        }
    }
    write_pixel(pixel, sum);
}
`;var En=`// Values at points: params.chosen.w of them, each a position u and a direction.
//#include bindings.wgsl
//#include grids.wgsl
//#include networks.wgsl
//#if kind_nerf
//#include rays.wgsl
//#end

@compute @workgroup_size(64)
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let number = id.y * groups.x * 64u + id.x;
    if (number >= params.chosen.w) {
        return;
    }
    let u = points[2u * number].xyz;
    run_at(u);
//#if kind_nerf
    let seen = colour(points[2u * number + 1u].xyz);
    output[4u * number] = bitcast<u32>(select(0.0, density(), occupied(u)));
    output[4u * number + 1u] = bitcast<u32>(seen.x);
    output[4u * number + 2u] = bitcast<u32>(seen.y);
    output[4u * number + 3u] = bitcast<u32>(seen.z);
//#else
    for (var channel = 0u; channel < \${channels}u; channel++) {
        output[number * \${channels}u + channel] = bitcast<u32>(value(channel));
    }
//#end
}
`;var Ln=`// A picture of a radiance field: emission and absorption along rays (docs/conventions.md, 5).
//#include bindings.wgsl
//#include grids.wgsl
//#include networks.wgsl
//#include rays.wgsl

// The same as in nfcodec/render/volume.py.
const MIN_WEIGHT = 1e-4;
const MIN_TRANSMITTANCE = 1e-3;

fn draw_ray(ray: Ray) -> vec3<f32> {
    let step = params.march.x;
    var seen = vec3<f32>(0.0);
    var depth = 0.0;
    var transmittance = 1.0;
    var k = 0u;
    loop {
        k = next_sample(ray, k);
        let t = ray.enter + (f32(k) + 0.5) * step;
        if (t >= ray.leave || transmittance <= MIN_TRANSMITTANCE) {
            break;
        }
        run_at(ray.start + ray.slope * t);
        let alpha = 1.0 - exp(-density() * step);
        let weight = transmittance * alpha;
        if (weight > MIN_WEIGHT) {
            depth += weight * t;
            if (params.picture.w != MODE_DEPTH) {
                seen += weight * colour(ray.direction);
            }
        }
        transmittance *= 1.0 - alpha;
        k += 1u;
    }
    if (params.picture.w == MODE_DEPTH) {
        let opacity = 1.0 - transmittance;
        return depth_colour(depth / max(opacity, 1e-6), opacity);
    }
    return seen + transmittance * params.background.xyz;
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (any(id.xy >= params.tile.zw)) {
        return;
    }
    let pixel = params.tile.xy + id.xy;
    var sum = vec3<f32>(0.0);
    for (var number = 0u; number < params.picture.z * params.picture.z; number++) {
        sum += draw_ray(ray_through(place_in_pixel(pixel, number)));
    }
    write_pixel(pixel, sum);
}
`;var Un=`// The least and the greatest value at points of a lattice, params.cells.xyz along the axes: the
// first two words of the output.
//#include bindings.wgsl
//#include grids.wgsl
//#include networks.wgsl

var<workgroup> least: array<f32, 256>;
var<workgroup> greatest: array<f32, 256>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let count = params.cells.xyz;
    if (id.x >= params.chosen.w) {
        return;
    }
    let cell = vec3<u32>(id.x % count.x, (id.x / count.x) % count.y, id.x / (count.x * count.y));
    let u = (vec3<f32>(cell) + 0.5) / vec3<f32>(count) * 2.0 - 1.0;
    run_at(u);
    output[id.x] = bitcast<u32>(value(params.chosen.y));
}

@compute @workgroup_size(256)
fn reduce(@builtin(local_invocation_index) thread: u32) {
    var low = bitcast<f32>(output[0]);
    var high = low;
    for (var i = thread; i < params.chosen.w; i += 256u) {
        let value = bitcast<f32>(output[i]);
        low = min(low, value);
        high = max(high, value);
    }
    least[thread] = low;
    greatest[thread] = high;
    workgroupBarrier();
    if (thread == 0u) {
        for (var i = 1u; i < 256u; i++) {
            low = min(low, least[i]);
            high = max(high, greatest[i]);
        }
        // A constant field, but for rounding, gets a range of one around its value.
        if (high - low <= 1e-5 * max(abs(low), abs(high))) {
            low -= 0.5;
            high += 0.5;
        }
        output[0] = bitcast<u32>(low);
        output[1] = bitcast<u32>(high);
    }
}
`;var _n=`// Rays of the camera, where they cross the box, and which of its cells they meet. All positions
// are in box coordinates u; t is the distance along a ray in the field's units.

struct Ray {
    start: vec3<f32>,
    slope: vec3<f32>,      // u per unit of t
    direction: vec3<f32>,  // of length one, in the field's axes
    enter: f32,
    leave: f32,
}

// Undoes OpenCV's k1, k2, p1, p2 by Newton's method.
fn undistort(distorted: vec2<f32>) -> vec2<f32> {
    let k = params.distortion;
    var at = distorted;
    for (var step = 0u; step < 8u; step++) {
        let r2 = dot(at, at);
        let radial = 1.0 + r2 * (k.x + r2 * k.y);
        let slope = 2.0 * k.x + 4.0 * k.y * r2;
        let cross = 2.0 * at.x * at.y;
        let excess = vec2<f32>(
            at.x * radial + k.z * cross + k.w * (r2 + 2.0 * at.x * at.x),
            at.y * radial + k.z * (r2 + 2.0 * at.y * at.y) + k.w * cross,
        ) - distorted;
        let xx = radial + slope * at.x * at.x + 2.0 * k.z * at.y + 6.0 * k.w * at.x;
        let yy = radial + slope * at.y * at.y + 6.0 * k.z * at.y + 2.0 * k.w * at.x;
        let xy = slope * at.x * at.y + 2.0 * k.z * at.x + 2.0 * k.w * at.y;
        let free = xx * yy - xy * xy;
        let det = select(free, 1e-12, abs(free) < 1e-12);
        let shift = vec2<f32>(yy * excess.x - xy * excess.y, xx * excess.y - xy * excess.x) / det;
        at -= clamp(shift, vec2<f32>(-1.0), vec2<f32>(1.0));
    }
    return at;
}

// The ray through an image position in pixels; the centre of the first pixel is (0.5, 0.5).
fn ray_through(pixel: vec2<f32>) -> Ray {
    var plane = (pixel - params.lens.zw) / params.lens.xy;
    if ((params.chosen.z & FLAG_DISTORTED) != 0u) {
        plane = undistort(plane);
    }
    var ray: Ray;
    ray.direction = normalize(
        plane.x * params.right.xyz - plane.y * params.up.xyz - params.back.xyz);
    ray.start = params.eye.xyz;
    ray.slope = ray.direction * params.scale.xyz;
    let tiny = abs(ray.slope) < vec3<f32>(1e-12);
    let inverse = 1.0 / select(ray.slope, vec3<f32>(1e-12), tiny);
    let one = (-1.0 - ray.start) * inverse;
    let two = (1.0 - ray.start) * inverse;
    let near = min(one, two);
    let far = max(one, two);
    ray.enter = max(max(near.x, near.y), max(near.z, 0.0));
    ray.leave = min(far.x, min(far.y, far.z));
    return ray;
}

// Where ray \`number\` of n x n of a pixel crosses the image.
fn place_in_pixel(pixel: vec2<u32>, number: u32) -> vec2<f32> {
    let n = params.picture.z;
    let part = vec2<f32>(vec2<u32>(number % n, number / n)) + 0.5;
    return vec2<f32>(pixel) + part / f32(n);
}

// The mean of a pixel's rays, as four halves.
fn write_pixel(pixel: vec2<u32>, sum: vec3<f32>) {
    let rays = f32(params.picture.z * params.picture.z);
    let mean = clamp(sum / rays, vec3<f32>(0.0), vec3<f32>(1.0));
    let at = 2u * (pixel.y * params.picture.x + pixel.x);
    output[at] = pack2x16float(mean.xy);
    output[at + 1u] = pack2x16float(vec2<f32>(mean.z, 1.0));
}

// White at the near end of the box, black at its far end.
fn depth_colour(depth: f32, opacity: f32) -> vec3<f32> {
    let place = (depth - params.march.y) / (params.march.z - params.march.y);
    return opacity * vec3<f32>(1.0 - clamp(place, 0.0, 1.0))
        + (1.0 - opacity) * params.background.xyz;
}
//#if cells

struct Cell {
    occupied: bool,
    end: f32,  // the distance at which the ray leaves it
}

// The cell at distance t of a bitmap that begins at word \`first\`; \`shift\` > 0: the block of
// 2^shift cells a side that it lies in.
fn cell_at(ray: Ray, t: f32, first: u32, shift: u32) -> Cell {
    let count = vec3<i32>(params.cells.xyz);
    let half = 0.5 * vec3<f32>(count);
    let at = (ray.start + ray.slope * t + 1.0) * half;
    let cell = clamp(vec3<i32>(at), vec3<i32>(0), count - 1) >> vec3<u32>(shift);
    let blocks = ((count - 1) >> vec3<u32>(shift)) + 1;
    let upward = select(vec3<i32>(0), vec3<i32>(1), ray.slope > vec3<f32>(0.0));
    let edge = vec3<f32>((cell + upward) << vec3<u32>(shift));
    let still = abs(ray.slope) < vec3<f32>(1e-12);
    let ends = select(t + (edge - at) / (half * ray.slope), vec3<f32>(3.0e38), still);
    let site = u32((cell.z * blocks.y + cell.y) * blocks.x + cell.x);
    let bit = (\${cells}[first + (site >> 5u)] >> (site & 31u)) & 1u;
    return Cell(bit != 0u, min(ends.x, min(ends.y, ends.z)));
}

// The number of the first sample from \`number\` on that lies in an occupied cell, or that is
// behind the box. Sample k lies at enter + (k + 1/2) step.
fn next_sample(ray: Ray, number: u32) -> u32 {
    let step = params.march.x;
    var k = number;
    loop {
        let t = ray.enter + (f32(k) + 0.5) * step;
        if (t >= ray.leave) {
            break;
        }
        var cell = cell_at(ray, t, params.blocks.x, 3u);
        if (cell.occupied) {
            cell = cell_at(ray, t, params.cells.w, 0u);
        }
        if (cell.occupied) {
            break;
        }
        let behind = ceil(min((cell.end - ray.enter) / step - 0.5, 1e9));
        k = max(k + 1u, u32(max(behind, 0.0)));
    }
    return k;
}

// Whether u lies in the box and in an occupied cell.
fn occupied(u: vec3<f32>) -> bool {
    let count = vec3<i32>(params.cells.xyz);
    let cell = clamp(vec3<i32>(floor((u + 1.0) * 0.5 * vec3<f32>(count))), vec3<i32>(0), count - 1);
    let site = u32((cell.z * count.y + cell.y) * count.x + cell.x);
    let bit = (\${cells}[params.cells.w + (site >> 5u)] >> (site & 31u)) & 1u;
    return all(abs(u) <= vec3<f32>(1.0)) && bit != 0u;
}
//#end
`;var Tn=`// The length of the gradient that hardly any point of the box exceeds: params.chosen.w points, evenly
// scattered (the R sequence, Roberts 2018), and of their slopes the 99th percentile where values
// are distances, else the greatest and half as much again: the first word of the output.
//#include bindings.wgsl
//#include grids.wgsl
//#include networks.wgsl
//#include distance.wgsl

var<workgroup> counts: array<u32, 256>;
var<workgroup> bound: u32;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x >= params.chosen.w) {
        return;
    }
    // Parts of one, times 2^32: the powers 1, 2, 3 of 1 / 1.2207440846, and a half to begin with.
    let place = vec3<u32>(0x80000000u) + id.x * vec3<u32>(3518319155u, 2882110345u, 2360945575u);
    let u = vec3<f32>(place >> vec3<u32>(8u)) / 8388608.0 - 1.0;
    var gradient = vec3<f32>(0.0);
    var first = 0.0;
    for (var end = 0u; end < 6u; end++) {
        let axis = end >> 1u;
        let value = distance_at(moved(u, axis, select(-1.0, 1.0, (end & 1u) == 0u), params.surface.y));
        if ((end & 1u) == 0u) {
            first = value;
        } else {
            let run = moved(u, axis, 1.0, params.surface.y) - moved(u, axis, -1.0, params.surface.y);
            gradient[axis] = (first - value) * params.scale[axis] / max(run[axis], 1e-12);
        }
    }
    output[id.x] = bitcast<u32>(length(gradient));
}

// The value below which \`rank\` others lie. Floats that are not negative are in order as integers.
fn ranked(thread: u32, rank: u32) -> f32 {
    if (thread == 0u) {
        bound = 0u;
    }
    for (var bit = 0u; bit < 31u; bit++) {
        workgroupBarrier();
        let candidate = bound | (1u << (30u - bit));
        var below = 0u;
        for (var i = thread; i < params.chosen.w; i += 256u) {
            below += select(0u, 1u, output[i] < candidate);
        }
        counts[thread] = below;
        workgroupBarrier();
        if (thread == 0u) {
            var sum = 0u;
            for (var i = 0u; i < 256u; i++) {
                sum += counts[i];
            }
            if (sum <= rank) {
                bound = candidate;
            }
        }
    }
    let found = workgroupUniformLoad(&bound);
    return bitcast<f32>(found);
}

@compute @workgroup_size(256)
fn reduce(@builtin(local_invocation_index) thread: u32) {
    let last = params.chosen.w - 1u;
    let greatest = ranked(thread, last);
    let at = 0.99 * f32(last);
    let lower = ranked(thread, u32(at));
    let upper = ranked(thread, min(u32(at) + 1u, last));
    if (thread == 0u) {
        var slope = 1.5 * greatest;
        if ((params.chosen.z & FLAG_EXACT_DISTANCE) != 0u) {
            slope = mix(lower, upper, fract(at));
        }
        output[0] = bitcast<u32>(max(slope, 1e-6));
    }
}
`;var Pn=`// A picture of a surface: sphere tracing to a change of sign, then regula falsi, then normals by
// central differences. The same steps as nfcodec/render/surface.py takes.
//#include bindings.wgsl
//#include grids.wgsl
//#include networks.wgsl
//#include rays.wgsl
//#include distance.wgsl

const TOLERANCE = 1e-3;
const REFINEMENTS = 16u;
const WRAP = 0.2;

const ENTERING = 0u;
const MARCHING = 1u;
const REFINING = 2u;
const TURNING = 3u;
const HIT = 4u;
const MISSED = 5u;

struct Hit {
    found: bool,
    t: f32,
    normal: vec3<f32>,
}

// The normal of the face of the box that a ray came in by, or against the ray from an eye inside.
fn cut_normal(ray: Ray, u: vec3<f32>) -> vec3<f32> {
    let face = select(vec3<f32>(1.0), vec3<f32>(-1.0), ray.direction > vec3<f32>(0.0));
    let still = ray.direction == vec3<f32>(0.0);
    let gap = select(0.5 * abs(u - face), vec3<f32>(3.0e38), still);
    if (min(gap.x, min(gap.y, gap.z)) >= 1e-4) {
        return -ray.direction;
    }
    if (gap.x <= gap.y && gap.x <= gap.z) {
        return vec3<f32>(face.x, 0.0, 0.0);
    }
    if (gap.y <= gap.z) {
        return vec3<f32>(0.0, face.y, 0.0);
    }
    return vec3<f32>(0.0, 0.0, face.z);
}

// One loop over what a ray goes through, so that the field is evaluated in one place.
fn trace(ray: Ray) -> Hit {
    let slope = params.march.w;
    let shortest = params.surface.x;
    var hit = Hit(false, 0.0, vec3<f32>(0.0));
    var state = ENTERING;
    if (ray.enter >= ray.leave) {
        state = MISSED;
    }
    var t = ray.enter;       // where the field is evaluated next
    var near = ray.enter;    // the last place known to be outside, and the value there
    var above = 0.0;
    var far = 0.0;           // a place inside, and the value there
    var below = 0.0;
    var side = 0.0;
    var count = 0u;          // refinements, then ends of differences, so far
    var surface = vec3<f32>(0.0);
    var gradient = vec3<f32>(0.0);
    var first = 0.0;
    while (state < HIT) {
        var u = ray.start + ray.slope * t;
        if (state == TURNING) {
            let away = select(-1.0, 1.0, (count & 1u) == 0u);
            u = moved(surface, count >> 1u, away, params.surface.y);
        }
        let value = distance_at(u);
        if (state == ENTERING && value <= 0.0) {
            hit = Hit(true, t, cut_normal(ray, u));
            state = HIT;
        } else if (state <= MARCHING) {
            if (value <= 0.0) {
                far = t;
                below = value;
                state = REFINING;
            } else if (state == MARCHING && t >= ray.leave) {
                state = MISSED;
            } else {
                near = t;
                above = value;
                t = min(t + max(value / slope, shortest), ray.leave);
                state = MARCHING;
            }
        } else if (state == REFINING) {
            // Illinois: the end that stays for a second time has its value halved.
            if (value <= 0.0) {
                above = select(above, 0.5 * above, side > 0.0);
                far = t;
                below = value;
                side = 1.0;
            } else {
                below = select(below, 0.5 * below, side < 0.0);
                near = t;
                above = value;
                side = -1.0;
            }
            count += 1u;
            if (abs(value) <= TOLERANCE * slope * shortest || count == REFINEMENTS) {
                hit = Hit(true, t, vec3<f32>(0.0));
                surface = u;
                count = 0u;
                state = select(TURNING, HIT, params.picture.w == MODE_DEPTH);
            }
        } else {
            if ((count & 1u) == 0u) {
                first = value;
            } else {
                let axis = count >> 1u;
                let run = moved(surface, axis, 1.0, params.surface.y)
                    - moved(surface, axis, -1.0, params.surface.y);
                gradient[axis] = (first - value) * params.scale[axis] / max(run[axis], 1e-12);
            }
            count += 1u;
            if (count == 6u) {
                let size = length(gradient);
                hit.normal = select(-ray.direction, gradient / max(size, 1e-12), size > 1e-12);
                state = HIT;
            }
        }
        if (state == REFINING) {
            t = near + (far - near) * (above / (above - below));
        }
    }
    return hit;
}

fn to_srgb(linear: vec3<f32>) -> vec3<f32> {
    let x = clamp(linear, vec3<f32>(0.0), vec3<f32>(1.0));
    let curved = 1.055 * pow(max(x, vec3<f32>(1e-8)), vec3<f32>(1.0 / 2.4)) - 0.055;
    return select(curved, 12.92 * x, x <= vec3<f32>(0.0031308));
}

// A clay-like surface lit from the camera's upper left: a warm key light, a cool fill light and a
// sky above a ground, all of which move with the camera.
fn shade(normal: vec3<f32>, towards: vec3<f32>) -> vec3<f32> {
    let axes = mat3x3<f32>(params.right.xyz, params.up.xyz, params.back.xyz);
    let n = normal * axes;
    let view = -towards * axes;
    let up = 0.5 + 0.5 * n.y;
    var light = mix(vec3<f32>(0.07, 0.06, 0.055), vec3<f32>(0.19, 0.21, 0.25), up);
    var shine = 0.0;
    for (var lamp = 0u; lamp < 2u; lamp++) {
        let key = lamp == 0u;
        let place = normalize(select(vec3<f32>(0.85, 0.05, 0.40), vec3<f32>(-0.55, 0.65, 0.55), key));
        let tint = select(vec3<f32>(0.22, 0.27, 0.35), vec3<f32>(1.05, 1.00, 0.93), key);
        let facing = max((dot(n, place) + WRAP) / (1.0 + WRAP), 0.0);
        light += tint * facing * sqrt(facing);
        let half = view + place;
        let mirrored = max(dot(n, half / max(length(half), 1e-12)), 0.0);
        shine += select(0.04, 0.14, key) * pow(max(mirrored, 1e-8), 48.0);
    }
    return to_srgb(vec3<f32>(0.56, 0.53, 0.49) * light + shine);
}

fn draw_ray(ray: Ray) -> vec3<f32> {
    let hit = trace(ray);
    if (params.picture.w == MODE_DEPTH) {
        return depth_colour(hit.t, select(0.0, 1.0, hit.found));
    }
    if (!hit.found) {
        return params.background.xyz;
    }
    if (params.picture.w == MODE_NORMALS) {
        return 0.5 + 0.5 * hit.normal;
    }
    return shade(hit.normal, ray.direction);
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (any(id.xy >= params.tile.zw)) {
        return;
    }
    let pixel = params.tile.xy + id.xy;
    var sum = vec3<f32>(0.0);
    for (var number = 0u; number < params.picture.z * params.picture.z; number++) {
        sum += draw_ray(ray_through(place_in_pixel(pixel, number)));
    }
    write_pixel(pixel, sum);
}
`;var On=`// From values to colours.

const TABLE_SIZE = 256u;

// The place of a value in the range that the colours cover, 0 to 1.
fn place_of(value: f32) -> f32 {
    let low = params.transfer.x;
    return clamp((value - low) / (params.transfer.y - low), 0.0, 1.0);
}

fn table_colour(place: f32) -> vec3<f32> {
    let at = place * f32(TABLE_SIZE - 1u);
    let below = min(u32(at), TABLE_SIZE - 2u);
    return mix(table[below].xyz, table[below + 1u].xyz, at - f32(below));
}
`;var Cn=`// A picture of a scalar volume through a colour map: emission and absorption, in display-referred
// colours so that the colour bar holds. As nfcodec/render/scalar.py.
//#include bindings.wgsl
//#include grids.wgsl
//#include networks.wgsl
//#include rays.wgsl
//#include transfer.wgsl

const MIN_TRANSMITTANCE = 1e-3;

fn draw_ray(ray: Ray) -> vec3<f32> {
    let step = params.march.x;
    var seen = vec3<f32>(0.0);
    var transmittance = 1.0;
    var k = 0u;
    loop {
        k = next_sample(ray, k);
        let t = ray.enter + (f32(k) + 0.5) * step;
        if (t >= ray.leave || transmittance <= MIN_TRANSMITTANCE) {
            break;
        }
        run_at(ray.start + ray.slope * t);
        let place = place_of(value(params.chosen.y));
        let alpha = 1.0 - exp(-place * place * params.transfer.z);
        seen += transmittance * alpha * table_colour(place);
        transmittance *= 1.0 - alpha;
        k += 1u;
    }
    return seen + transmittance * params.background.xyz;
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (any(id.xy >= params.tile.zw)) {
        return;
    }
    let pixel = params.tile.xy + id.xy;
    var sum = vec3<f32>(0.0);
    for (var number = 0u; number < params.picture.z * params.picture.z; number++) {
        sum += draw_ray(ray_through(place_in_pixel(pixel, number)));
    }
    write_pixel(pixel, sum);
}
`;var Ue={"bindings.wgsl":vn,"blit.wgsl":xn,"distance.wgsl":kn,"grids.wgsl":An,"networks.wgsl":Mn,"plane.wgsl":$n,"points.wgsl":En,"radiance.wgsl":Ln,"range.wgsl":Un,"rays.wgsl":_n,"slope.wgsl":Tn,"surface.wgsl":Pn,"transfer.wgsl":On,"volume.wgsl":Cn};var _e=class{#e;#n;#r;#t;#s;constructor(e,t){let r=e.getContext("webgpu");if(r===null)throw new Error("this canvas cannot show what WebGPU draws");let s=navigator.gpu.getPreferredCanvasFormat();r.configure({device:t,format:s,alphaMode:"opaque"});let o=t.createShaderModule({label:"blit",code:Ue["blit.wgsl"]});this.#e=e,this.#n=t,this.#r=r,this.#t=t.createRenderPipeline({layout:"auto",vertex:{module:o,entryPoint:"corner"},fragment:{module:o,entryPoint:"pixel",targets:[{format:s}]},primitive:{topology:"triangle-list"}}),this.#s=t.createBuffer({size:16,usage:GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST})}show(e,t,r){this.#e.width!==t&&(this.#e.width=t),this.#e.height!==r&&(this.#e.height=r),this.#n.queue.writeBuffer(this.#s,0,Uint32Array.of(t,r,0,0));let s=this.#n.createBindGroup({layout:this.#t.getBindGroupLayout(0),entries:[{binding:0,resource:{buffer:e}},{binding:1,resource:{buffer:this.#s}}]}),o=this.#n.createCommandEncoder(),i=this.#r.getCurrentTexture().createView(),a=o.beginRenderPass({colorAttachments:[{view:i,loadOp:"clear",storeOp:"store"}]});a.setPipeline(this.#t),a.setBindGroup(0,s),a.draw(3),a.end(),this.#n.queue.submit([o.finish()])}};var mt=8192;function Fn(n,e,t,r){let s=[],o=[],i=0,a=0;n.grids.forEach((p,v)=>{let x=[];for(let w of p.levels){let k=s.length,M=Hs(k,w,e[k],i);a=Math.max(a,M.width),s.push(M),x.push({index:k,lod:w.lod}),p.combine==="concat"&&(i+=w.features)}p.combine==="sum"&&(i+=p.levels[0].features),o.push({index:v,levels:x,transform:qs(p,n.dims)})});let l=new Map([["features",i],["position",n.dims],["direction",3]]),u=n.networks.map((p,v)=>{let x=Ks(v,p,n,l,t[v]);return l.set(p.name,p.layers[p.layers.length-1].outputs),x}),d=Math.ceil(i/4),c=u.reduce((p,v)=>p+v.outputs,0),f=p=>16*p.hidden*p.scratch.length;if(16*(d+c+2)+8*a>mt||u.some(p=>f(p)>mt))throw new A("unsupported",`the field's vectors or networks are wider than a GPU program can hold (${mt} bytes)`);let h=n.networks.map(p=>p.name),m=n.kind==="nerf"?h.indexOf("density")+1:h.length,b=n.networks[n.networks.length-1].layers;return{kind_nerf:n.kind==="nerf",kind_scalar:n.kind==="scalar",channels:b[b.length-1].outputs,features:d,mixed:a,octrees:s.some(p=>p.octree),levels:s,grids:o,networks:u,harmonics:u.some(p=>p.harmonics),first_networks:u.slice(0,m),last_networks:u.slice(m),density_network:m-1,last_network:u.length-1,buffers:r.map(({name:p,binding:v,length:x,kind:w})=>({name:p,binding:v,length:x,is_words:w==="words",is_sites:w==="sites",is_weights:w==="weights",is_uniform:w==="uniform"}))}}function Hs(n,e,t,r){let s=e.form,o=Math.ceil(e.features/2),i=s.kind==="lowrank"?Math.ceil(s.rank/2):o,a={index:n,vq:s.kind==="vq",lowrank:s.kind==="lowrank",float32:!1,vectors:te(t.vectors),pitch:i,pairs:V(i).map(u=>({index:u,first:2*u,second:2*u+1})),width:Math.max(o,i),stores:Ws(e.features,r)};if(s.kind==="vq"&&(a.bits=s.bits,a.mask=2**s.bits-1,a.straddles=32%s.bits!==0,a.codes=te(t.codes)),s.kind==="lowrank"){let u=t.basis.offset;a.basis=te(t.basis),a.finish=V(o).map(d=>({index:d,mean:u+d,terms:V(s.rank).map(c=>({coefficient:`mixed[${c>>1}].${"xy"[c&1]}`,at:u+(1+c)*o+d}))}))}let l=e.layout;if(a.octree=l.kind==="octree",l.kind==="dense"){let u=[...l.shape].reverse();for(;u.length<3;)u.push(1);let d=u.map(c=>l.alignCorners?c-1:c);a.size=u.join(", "),a.half=d.map(Sn).join(", "),a.shift=l.alignCorners?"0.0":"0.5",a.clamps=l.padding==="border",a.corners=1<<l.shape.length}else{let u=2**l.depth;a.last=u,a.half=Sn(u),a.sites=te(t.sites)}return a}function te(n){return{buffer:n.buffer,offset:n.offset}}function V(n){return Array.from({length:n},(e,t)=>t)}function Sn(n){return`${n>>1}.${5*(n&1)}`}function Ws(n,e){let t=[],r=0;for(;r<n;){let s=e+r;if(s%4===0&&r%2===0&&r+4<=n){let o=`mixed[${r>>1}], mixed[${(r>>1)+1}]`;t.push(`features[${s>>2}] += vec4<f32>(${o});`),r+=4}else t.push(`${Te("features",s)} += ${Te("mixed",r,2)};`),r+=1}return t}function Te(n,e,t=4){return`${n}[${Math.floor(e/t)}].${"xyzw"[e%t]}`}function pt(n){return`bitcast<f32>(0x${new Uint32Array(Float32Array.of(n).buffer)[0].toString(16).padStart(8,"0")}u)`}function qs(n,e){if(n.transform===null)return[];let t=[];for(let r=0;r<e;r++){let s=[...n.transform.subarray(r*(e+1),(r+1)*(e+1))].map(pt),o=s.slice(0,e);for(;o.length<3;)o.push("0.0");t.push(`dot(vec3<f32>(${o.join(", ")}), u) + ${s[e]}`)}for(;t.length<3;)t.push("0.0");return t}function Ks(n,e,t,r,s){let o=new Map(t.networks.slice(0,n).map((m,b)=>[m.name,`out_${b}`])),i=[],a=[];for(let m of e.inputs){let b=V(r.get(m.source)),p=m.source==="position"||m.source==="direction",v=o.get(m.source)??"features",x=b.map(w=>p?`${m.source}.${"xyz"[w]}`:Te(v,w));m.slice!==null&&(x=x.slice(m.slice[0],m.slice[1])),a.push(...Xs(x,m.encoding,i))}let l=[...a];for(;l.length%4!==0;)l.push("0.0");let u=V(l.length/4).map(m=>({index:m,value:`vec4<f32>(${l.slice(4*m,4*m+4).join(", ")})`})),d=a.map((m,b)=>`entry_${b>>2}.${"xyzw"[b&3]}`),c=e.layers.slice(0,-1).map(m=>Math.ceil(m.outputs/4)),f=d,h=e.layers.map((m,b)=>{e.skips.includes(b)&&(f=[...f,...d]);let p=b===e.layers.length-1?`out_${n}`:"ab"[b&1],v={rows:Math.ceil(m.outputs/4),single:m.outputs<=4,stride:m.inputs+1,weights:te(s[b]),columns:f.map((x,w)=>({index:1+w,value:x})),activation:m.activation,gain:m.gain===1?"":` * ${pt(m.gain)}`,target:p};return f=V(m.outputs).map(x=>Te(p,x)),v});return{index:n,encoded:i,entry:u,scratch:["a","b"].slice(0,c.length),hidden:Math.max(0,...c),layers:h,outputs:Math.ceil(e.layers[e.layers.length-1].outputs/4),harmonics:e.inputs.some(m=>m.encoding.kind==="spherical_harmonics")}}function Xs(n,e,t){let r=o=>{let i=`encoded_${t.length}`;return t.push({name:i,value:o}),i};if(e.kind==="identity")return n;if(e.kind==="spherical_harmonics"){let o=e.degree**2,i=V(Math.ceil(o/4)).map(a=>r(`harmonics_${a}(vec3<f32>(${n.join(", ")}))`));return V(o).map(a=>`${i[a>>2]}.${"xyzw"[a&3]}`)}let s=e.includeInput?[...n]:[];for(let o=0;o<e.frequencies;o++){let i=pt(e.scale*2**o);for(let a of["sine","cosine"])for(let l=0;l<n.length;l+=4){let u=n.slice(l,l+4),d=[...u];for(;d.length<4;)d.push("0.0");let c=r(`${a}(vec4<f32>(${d.join(", ")}) * ${i})`);s.push(...u.map((f,h)=>`${c}.${"xyzw"[h]}`))}}return s}var Ys=/\$\{([a-z0-9_.]+)\}/g;function Rn(n,e,t){let r=[];return Pe(In(n,t),e,t,r),r.join(`
`)+`
`}function In(n,e){let t=e[n];if(t===void 0)throw new Error(`there is no shader file ${n}`);return t.replace(/\n$/,"").split(`
`)}function Pe(n,e,t,r){for(let s=0;s<n.length;s++){let o=n[s];if(!o.startsWith("//#")){r.push(o.replace(Ys,(c,f)=>String(bt(f,e))));continue}let[i,...a]=o.slice(3).trim().split(/\s+/);if(i==="include"){Pe(In(a[0],t),e,t,r);continue}let[l,u]=Zs(n,s),d=n.slice(s+1,l);if(i==="for")for(let c of bt(a[2],e))Pe(d,{...e,[a[0]]:c},t,r);else if(i==="if"){let c=Js(bt(a[0],e))?d:n.slice(l+1,u);Pe(c,e,t,r)}else throw new Error(`unknown directive ${o}`);s=u}}function Zs(n,e){let t=0,r=-1;for(let s=e;s<n.length;s++)if(n[s].startsWith("//#for")||n[s].startsWith("//#if"))t++;else if(n[s].startsWith("//#else")&&t===1)r=s;else if(n[s].startsWith("//#end")&&--t===0)return[r<0?s:r,s];throw new Error(`no end of ${n[e]}`)}function bt(n,e){let t=e;for(let r of n.split(".")){let s=t[r];if(s===void 0)throw new Error(`templates know no ${n}`);t=s}return t}function Js(n){return Array.isArray(n)?n.length>0:!!n}var Qs=1<<27,eo=65536,Nn=3,Vn=8,ne=96,re=4,j=3,to=4,no=5,ro=8,so=9;function z(n){return n.grids.flatMap(e=>e.levels)}function gt(n,e=Qs){let t=new yt(e),[r,s]=ao(n,t),o=z(n).map(l=>co(l,t)),i=n.networks.map(l=>l.layers.map(u=>t.weights(io(u)))),a=t.buffers();return{buffers:a,levels:o,layers:i,occupancies:r,occupancyOfLod:s,programs:oo(n),description:Fn(n,o,i,a),bytes:a.reduce((l,u)=>l+u.bytes,0)}}function zn(n,e,t){let s=(e==="radiance"||e==="volume"||e==="points")&&n.occupancies.length>0?n.occupancies[0].cells.buffer:"",o={...n.description,reads_points:e==="points",reads_table:e==="volume"||e==="plane",cells:s};return Rn(`${e}.wgsl`,o,t)}function oo(n){return n.kind==="nerf"?["points","radiance"]:n.kind==="sdf"?n.dims===3?["points","surface","slope"]:["points"]:n.dims===2?["points","plane","range"]:["points","volume","surface","slope","range"]}function io(n){return Math.ceil(n.outputs/4)*(n.inputs+1)}var yt=class{constructor(e){this.maxStorage=e}maxStorage;#e=new Map;words(e){let t=Array.from({length:Nn},(r,s)=>`words${s}`);return this.#n(t,e,Math.floor(this.maxStorage/4))}sites(e){return this.#n(["sites"],e,Math.floor(this.maxStorage/16))}weights(e){for(let t=0;t<Vn;t++){let r=`uniform${t}`;if((this.#e.get(r)??0)+e<=eo/16)return this.#r(r,e)}return this.#n(["weights"],e,Math.floor(this.maxStorage/16))}#n(e,t,r){for(let s of e)if((this.#e.get(s)??0)+t<=r)return this.#r(s,t);throw new A("limit",`the field does not fit into GPU buffers of ${this.maxStorage} bytes, which is what this adapter offers`)}#r(e,t){let r=this.#e.get(e)??0;return this.#e.set(e,r+t),{buffer:e,offset:r,length:t}}buffers(){let e=[["sites","sites",to]];for(let t=0;t<Nn;t++)e.push([`words${t}`,"words",no+t]);e.push(["weights","weights",ro]);for(let t=0;t<Vn;t++)e.push([`uniform${t}`,"uniform",so+t]);return e.filter(([t])=>this.#e.has(t)).map(([t,r,s])=>{let o=Math.max(this.#e.get(t),1),i=r==="words"?4:16,a=Math.max(16,Math.ceil(o*i/16)*16);return{name:t,kind:r,binding:s,length:o,elementBytes:i,bytes:a}})}};function ao(n,e){if(n.kind==="sdf"||n.dims===2)return[[],[]];let t=[],r=[],s=1<<j;for(let o=0;o<n.lods;o++){let[i,a]=lo(n,o),l=t.findIndex(u=>u.level===i);if(l<0){let[u,d,c]=a,f=e.words(Math.ceil(u*d*c/32)),h=Math.ceil(u/s)*Math.ceil(d/s)*Math.ceil(c/s),m=e.words(Math.ceil(h/32));l=t.push({shape:a,level:i,cells:f,blocks:m})-1}r.push(l)}if(t.some(o=>o.cells.buffer!=="words0"||o.blocks.buffer!=="words0"))throw new A("limit","the field's occupancy does not fit into one GPU buffer");return[t,r]}function lo(n,e){let t=-1,r=-1;if(z(n).forEach((a,l)=>{let u=a.layout;u.kind==="octree"&&a.lod<=e&&u.depth>r&&(t=l,r=u.depth)}),t>=0)return[t,[1<<r,1<<r,1<<r]];if(n.occupancy===null)return[-1,[1,1,1]];let[s,o,i]=n.occupancy.shape;return[-1,[i,o,s]]}function co(n,e){let t=null;if(n.layout.kind==="octree"){let i=2**n.layout.depth+1;t=e.sites(Math.ceil(i**3/ne))}let r=Math.ceil(n.features/2),s=n.form;if(s.kind==="float16")return{vectors:e.words(n.rows*r),sites:t,codes:null,basis:null};if(s.kind==="vq"){let i=32%s.bits!==0?1:0,a=e.words(Math.ceil(n.rows*s.bits/32)+i);return{vectors:e.words(s.numCodes*r),sites:t,codes:a,basis:null}}return{vectors:e.words(n.rows*Math.ceil(s.rank/2)),sites:t,codes:null,basis:e.words((1+s.rank)*r)}}function Bn(n,e){let t=e.code,r=[];if(e.layout.kind==="octree"&&r.push([n.sites,uo(e.layout)]),t.kind==="float16")r.push([n.vectors,Oe(t.values,e.features)]);else if(t.kind==="vq"){let s=new Uint32Array(n.codes.length);s.set(t.packed),r.push([n.codes,s],[n.vectors,Oe(t.codebook,e.features)])}else{let s=new Uint16Array(t.mean.length+t.basis.length);s.set(t.mean),s.set(t.basis,t.mean.length),r.push([n.vectors,Oe(t.coefficients,t.rank)],[n.basis,Oe(s,e.features)])}return r}function Oe(n,e){let t=e+(e&1),r=n.length/e,s=new Uint16Array(r*t);if(t===e)s.set(n);else for(let o=0;o<r;o++)s.set(n.subarray(o*e,(o+1)*e),o*t);return new Uint32Array(s.buffer)}function uo(n){let e=2**n.depth+1,t=Math.ceil(e**3/ne),r=new Uint32Array(t*re),s=n.corners,o=0;for(let i=0;i<s.length;i++){let a=s[i],l=Math.floor(a/ne);for(;o<l;)r[++o*re]=i;let u=a-l*ne;r[l*re+1+(u>>5)]|=1<<(u&31)}for(;o<t-1;)r[++o*re]=s.length;return r}function Dn(n){let{inputs:e,outputs:t}=n,r=4*(e+1),s=new Float32Array(Math.ceil(t/4)*r);for(let o=0;o<t;o++){let i=(o>>2)*r+(o&3);n.bias!==null&&(s[i]=n.bias[o]);for(let a=0;a<e;a++)s[i+4*(a+1)]=n.weight[o*e+a]}return new Uint32Array(s.buffer)}function vt(n,e){let[t,r,s]=n.shape,o=new Uint32Array(n.cells.length),i=new Uint32Array(n.blocks.length),a=Math.ceil(t/(1<<j)),l=Math.ceil(r/(1<<j)),u=(d,c,f)=>{let h=(f*r+c)*t+d;o[h>>>5]|=1<<(h&31);let m=((f>>j)*l+(c>>j))*a+(d>>j);i[m>>>5]|=1<<(m&31)};if(n.level>=0){let d=z(e)[n.level].layout;for(let c of d.voxels)u(wt(c),wt(c>>>1),wt(c>>>2))}else if(e.occupancy!==null){let d=e.occupancy.cells;for(let c=0,f=0;c<s;c++)for(let h=0;h<r;h++)for(let m=0;m<t;m++,f++)d[f>>>3]>>(f&7)&1&&u(m,h,c)}else u(0,0,0);return[[n.cells,o],[n.blocks,i]]}function wt(n){let e=n&153391689;return e=(e|e>>>2)&51130563,e=(e|e>>>4)&50393103,e=(e|e>>>8)&50331903,(e|e>>>16)&1023}var xt=256,fo=256*16,Ce=class{plan;#e;#n;#r=new Map;#t=new Map;#s=new Map;#i=null;#o=void 0;constructor(e,t){this.#e=e,this.plan=gt(t,e.limits.maxStorageBufferBindingSize),this.#n=jn(this.plan);for(let{name:r,kind:s,bytes:o}of this.plan.buffers)this.#c(r,o,s==="uniform"?GPUBufferUsage.UNIFORM:GPUBufferUsage.STORAGE);this.#c("params",xt,GPUBufferUsage.UNIFORM),this.#c("table",fo,GPUBufferUsage.STORAGE)}fits(e){let t=gt(e,this.#e.limits.maxStorageBufferBindingSize);return jn(t)===this.#n}update(e){if(z(e).forEach((t,r)=>{if(!(t.code===null||this.#s.get(r)===t.code)){this.#s.set(r,t.code),this.#a(Bn(this.plan.levels[r],t));for(let s of this.plan.occupancies)s.level===r&&this.#a(vt(s,e))}}),e.lodsDecoded!==0){if(e.occupancy!==this.#o){this.#o=e.occupancy;for(let t of this.plan.occupancies)t.level<0&&this.#a(vt(t,e))}e.networks!==this.#i&&(this.#i=e.networks,e.networks.forEach((t,r)=>{t.layers.forEach((s,o)=>{this.#a([[this.plan.layers[r][o],Dn(s)]])})}))}}#a(e){for(let[t,r]of e){let s=this.plan.buffers.find(o=>o.name===t.buffer).elementBytes;r.length>0&&this.write(t.buffer,r,t.offset*s)}}#c(e,t,r){this.#r.get(e)?.destroy(),r|=GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,this.#r.set(e,this.#e.createBuffer({label:e,size:t,usage:r}))}buffer(e){return this.#r.get(e)}write(e,t,r=0){this.#e.queue.writeBuffer(this.buffer(e),r,t)}reserve(e,t){let r=Math.max(256,Math.ceil(t/256)*256);(this.#r.get(e)?.size??0)<r&&this.#c(e,r,GPUBufferUsage.STORAGE)}async read(e){let t=Math.ceil(e/4)*4,r=GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST,s=this.#e.createBuffer({size:t,usage:r}),o=this.#e.createCommandEncoder();o.copyBufferToBuffer(this.buffer("output"),0,s,0,t),this.#e.queue.submit([o.finish()]),await s.mapAsync(GPUMapMode.READ);let i=s.getMappedRange().slice(0);return s.destroy(),i}prepare(e,t="main"){let r=`${e} ${t}`,s=this.#t.get(r);return s===void 0&&(s=this.#l(e,t),this.#t.set(r,s)),s}run(e,t,r){let s=[[0,"params"],[1,"output"]];t==="points"&&s.push([3,"points"]),(t==="volume"||t==="plane")&&s.push([3,"table"]);for(let l of this.plan.buffers)s.push([l.binding,l.name]);let o=this.#e.createBindGroup({layout:e.layout,entries:s.map(([l,u])=>({binding:l,resource:{buffer:this.buffer(u)}}))}),i=this.#e.createCommandEncoder(),a=i.beginComputePass();a.setPipeline(e.pipeline),a.setBindGroup(0,o),a.dispatchWorkgroups(r[0],r[1]),a.end(),this.#e.queue.submit([i.finish()])}async#l(e,t){let r=new Map([[0,"uniform"],[1,"storage"]]);["points","volume","plane"].includes(e)&&r.set(3,"read-only-storage");for(let{binding:a,kind:l}of this.plan.buffers)r.set(a,l==="uniform"?"uniform":"read-only-storage");let s=this.#e.createBindGroupLayout({entries:[...r].map(([a,l])=>({binding:a,visibility:GPUShaderStage.COMPUTE,buffer:{type:l}}))}),o=this.#e.createShaderModule({label:e,code:zn(this.plan,e,Ue)});return{pipeline:await this.#e.createComputePipelineAsync({label:e,layout:this.#e.createPipelineLayout({bindGroupLayouts:[s]}),compute:{module:o,entryPoint:t}}),layout:s}}get bytes(){let e=0;for(let t of this.#r.values())e+=t.size;return e}destroy(){for(let e of this.#r.values())e.destroy();this.#r.clear()}};function jn(n){return JSON.stringify([n.description,n.occupancies])}var ho=.25,mo=1/512,po=256,Hn=.5,Wn=4096,bo=192,qn=60,Kn={2:256,3:40};function R(n){return Array.from({length:n.dims},(e,t)=>n.bounds[n.dims+t]-n.bounds[t])}function Xn(n,e,t){let r=-1;for(let o of z(n))o.layout.kind==="octree"&&o.lod<=e&&(r=Math.max(r,o.layout.depth));let s=t??yo(n);return Math.max(...R(n))/2**(r<0?7:r)/s}function yo(n){let e=n.metadata.render;if(typeof e!="object"||e===null)return 1;let t=e.samples_per_voxel;return typeof t=="number"&&t>0&&Number.isFinite(t)?t:1}function Se(n,e){let t=R(n),r=1/0;for(let s of n.grids)for(let o of s.levels)if(!(o.lod>e))for(let i=0;i<n.dims;i++){let a=go(o,i)*wo(s,n.dims,i);r=Math.min(r,t[i]/a)}return r===1/0?Math.max(...t)/po:r}function go(n,e){let t=n.layout;if(t.kind==="octree")return 2**t.depth;let r=t.shape[t.shape.length-1-e];return t.alignCorners?Math.max(r-1,1):r}function wo(n,e,t){if(n.transform===null)return 1;let r=n.transform.subarray(t*(e+1),t*(e+1)+e);return Math.max(1e-6,Math.hypot(...r))}function Yn(n,e){return Math.min(ho*e,mo*Math.max(...R(n)))}function Zn(n,e){return Math.min(Se(n,e),Math.max(...R(n))/bo)}function Jn(n,e){let t=[],r=[];for(let s=0;s<3;s++){let o=n.bounds[s],i=n.bounds[n.dims+s];t.push(Math.min(Math.max(e[s],o),i)-e[s]),r.push(Math.max(Math.abs(e[s]-o),Math.abs(e[s]-i)))}return[Math.hypot(...t),Math.hypot(...r)]}function Qn(n,e,t){let r=Gn([n[0]-e[0],n[1]-e[1],n[2]-e[2]]),s=kt(t,r);return Math.hypot(...s)<1e-9&&(s=kt(Math.abs(r[1])<.9?[0,1,0]:[1,0,0],r)),s=Gn(s),[s,kt(r,s),r]}function kt(n,e){return[n[1]*e[2]-n[2]*e[1],n[2]*e[0]-n[0]*e[2],n[0]*e[1]-n[1]*e[0]]}function Gn(n){let e=Math.hypot(...n);return[n[0]/e,n[1]/e,n[2]/e]}var Fe=["eye","right","up","back","lens","distortion","scale","background","march","surface","transfer"],At=["tile","picture","chosen","cells","blocks"],G=class{words;#e;#n;constructor(e,t,r,s){let o=new ArrayBuffer(xt);if(this.words=new Uint32Array(o),this.#e=new Float32Array(o),this.#n=e,this.floats("scale",R(e).map(i=>2/i)),this.integers("chosen",[r,s]),t.occupancies.length>0){let i=t.occupancies[t.occupancyOfLod[r]];this.integers("cells",[...i.shape,i.cells.offset]),this.integers("blocks",[i.blocks.offset])}}floats(e,t){this.#e.set(t,4*Fe.indexOf(e))}integers(e,t){this.words.set(t,4*(Fe.length+At.indexOf(e)))}set flags(e){this.words[4*(Fe.length+At.indexOf("chosen"))+2]=e}set points(e){this.words[4*(Fe.length+At.indexOf("chosen"))+3]=e}camera(e,t,r){let{bounds:s,dims:o}=this.#n,i=R(this.#n);this.floats("eye",e.eye.map((c,f)=>(c-s[f])/i[f]*2-1).slice(0,o));let[a,l,u]=Qn(e.eye,e.target,e.up);this.floats("right",a),this.floats("up",l),this.floats("back",u);let d=.5*r/Math.tan(.5*e.verticalFov);this.floats("lens",[d,d,t/2,r/2])}plane(e,t){let r=R(this.#n),s=Math.max(r[0]/e,r[1]/t);this.floats("lens",r.map(o=>s*2/o))}};var xo={shaded:0,depth:1,normals:2,iso:3},ko=2,er=64,tr=.1,Ao=4096,Mo=256,Re=class n{#e;#n;#r;#t=null;#s=null;#i=Ao/tr;#o=0;#a=[0,0];#c=new Map;#l=Promise.resolve();constructor(e,t,r){this.#e=e,this.#n=t,this.#r=r}static async create(e,t={}){let r=t.device??await Eo(),s=e===null?null:new _e(e,r);return new n(r,t.device===void 0,s)}async setField(e){this.#o++,await this.#l,(this.#t===null||!this.#t.fits(e))&&(this.#t?.destroy(),this.#t=null,this.#t=new Ce(this.#e,e)),this.#t.update(e),this.#s=e,this.#c.clear()}async render(e,t){let r=++this.#o;if(await this.#l.catch(()=>{}),r!==this.#o)return!1;let s=this.#d(e,t,r);return this.#l=s.catch(()=>{}),s}async#d(e,t,r){let s=this.#s,o=this.#t;if(s===null||o===null)throw new Error("there is no field to draw yet");let{width:i,height:a}=t,l=this.#e.limits.maxStorageBufferBindingSize;if(!(i>=1&&a>=1&&8*i*a<=l))throw new RangeError(`a picture of ${i} x ${a} pixels is not possible`);let[u,d]=await this.#u(s,o,e,t),c=await o.prepare(u);o.reserve("output",8*i*a);for(let f=0;f<a;){let[h,m]=this.#b(i,a-f,t.antialias??1);for(let b=0;b<i;b+=h){if(r!==this.#o)return!1;let p=[b,f,Math.min(h,i-b),m];d.integers("tile",p),o.write("params",d.words);let v=performance.now();o.run(c,u,[Math.ceil(p[2]/8),Math.ceil(m/8)]),await this.#e.queue.onSubmittedWorkDone(),this.#y(p[2]*m*(t.antialias??1)**2,performance.now()-v)}f+=m}return this.#a=[i,a],this.#r?.show(o.buffer("output"),i,a),!0}async#u(e,t,r,s){let{width:o,height:i}=s,a=s.mode??"shaded",l=s.channel??0,u=this.#m(e,s.lod);if(!$o(e).includes(a))throw new RangeError(`mode "${a}" is not possible for this field`);let d=new G(e,t.plan,u,l);d.floats("background",(s.background??[1,1,1]).map(v=>Math.min(1,Math.max(0,v)))),d.integers("picture",[o,i,s.antialias??1,xo[a]]);let c=[0,1];if(e.kind==="scalar"&&(c=s.range??await this.valueRange(u,l),d.floats("transfer",c),t.write("table",Lo(s.colormap??"viridis"))),e.dims===2)return d.plane(o,i),["plane",d];d.camera(r,o,i);let[f,h]=Jn(e,r.eye);if(e.kind==="nerf"){let v=Xn(e,u,s.samplesPerVoxel??void 0);return d.floats("march",[v,f,h]),["radiance",d]}if(e.kind==="scalar"&&a==="shaded"){let v=Zn(e,u),x=Math.hypot(...R(e)),w=(s.opacity??1)*qn*v/x;return d.floats("transfer",[c[0],c[1],w]),d.floats("march",[v,f,h]),["volume",d]}let m=e.kind==="sdf"?0:s.isoLevel??.5*(c[0]+c[1]),b=Se(e,u),p=Yn(e,b);return d.floats("surface",[p,Hn*b,m]),d.floats("march",[0,f,h,await this.#f(u,m,l)]),["surface",d]}async valueRange(e,t=0){let r=this.#s,s=t===0?r.metadata.value_range:null;if(Array.isArray(s)&&s.length===2){let[l,u]=s;if(Number.isFinite(l)&&Number.isFinite(u)&&l<u)return[l,u]}let o=Kn[r.dims],i=new G(r,this.#t.plan,e,t);i.integers("cells",[o,o,r.dims===3?o:1]);let a=await this.#h(`range ${e} ${t}`,"range",i,o**r.dims);return[a[0],a[1]]}async#f(e,t,r){let s=this.#s,o=new G(s,this.#t.plan,e,r);o.floats("surface",[0,Se(s,e),t]),o.flags=s.kind==="sdf"?ko:0;let i=`slope ${e} ${t} ${r}`;return(await this.#h(i,"slope",o,Wn))[0]}async#h(e,t,r,s){let o=this.#c.get(e);if(o===void 0){let i=this.#t,[a,l]=[await i.prepare(t),await i.prepare(t,"reduce")];r.points=s,i.reserve("output",4*s),i.write("params",r.words),i.run(a,t,[Math.ceil(s/er),1]),i.run(l,t,[1,1]),o=[...new Float32Array(await i.read(8))],this.#c.set(e,o)}return o}async evaluate(e,t=null,r=null){let s=this.#s,o=this.#t,{dims:i,bounds:a}=s,l=e.length/i,u=o.plan.description.channels+(s.kind==="nerf"?1:0),d=new Float32Array(8*l);for(let f=0;f<l;f++){for(let h=0;h<i;h++){let m=a[h];d[8*f+h]=(e[i*f+h]-m)/(a[i+h]-m)*2-1}t!==null&&d.set(t.subarray(3*f,3*f+3),8*f+4)}let c=new G(s,o.plan,this.#m(s,r),0);return c.points=l,o.reserve("points",d.byteLength),o.reserve("output",4*l*u),o.write("points",d),o.write("params",c.words),o.run(await o.prepare("points"),"points",[Math.ceil(l/er),1]),new Float32Array(await o.read(4*l*u),0,l*u)}async readPixels(){let[e,t]=this.#a;if(e===0)throw new Error("nothing was drawn yet");let r=new Uint16Array(await this.#t.read(8*e*t)),s=new Uint8ClampedArray(4*e*t);for(let o=0;o<s.length;o++)s[o]=255*Uo(r[o]);return s}get bytes(){return this.#t?.bytes??0}destroy(){this.#o++,this.#t?.destroy(),this.#t=null,this.#n&&this.#e.destroy()}#m(e,t){let r=Math.max(0,e.lodsDecoded-1);return Math.min(r,Math.max(0,t??r))}#b(e,t,r){let s=Math.max(Mo,this.#i*tr),o=Math.max(64,s/r**2),i=Math.min(Math.max(8,Math.floor(o/e/8)*8),t);return[Math.min(Math.max(8,Math.floor(o/i/8)*8),e),i]}#y(e,t){let r=1e3*e/Math.max(t,.1);this.#i=Math.min(r,4*this.#i)}};function $o(n){return n.dims===2?n.kind==="scalar"?["shaded"]:[]:n.kind==="nerf"?["shaded","depth"]:n.kind==="sdf"?["shaded","normals","depth"]:["shaded","iso"]}async function Eo(){if(!("gpu"in navigator)||navigator.gpu===void 0)throw new Error("WebGPU is missing here");let n=await navigator.gpu.requestAdapter({powerPreference:"high-performance"});if(n===null)throw new Error("WebGPU is there, but no graphics adapter for it");let{maxStorageBufferBindingSize:e,maxBufferSize:t}=n.limits;return n.requestDevice({requiredLimits:{maxStorageBufferBindingSize:e,maxBufferSize:t}})}function Lo(n){let e=new Float32Array(1024);return $e(n).forEach((t,r)=>e[r]=t/255),e}function Uo(n){let e=n>>10;return e===0?n*2**-24:(1024+(n&1023))*2**(e-25)}var se=class n{constructor(e,t,r){this.device=e;this.renderer=t;this.copies=r}device;renderer;copies;lost=!1;static async create(e){if(!("gpu"in navigator)||navigator.gpu===void 0)throw new Error(isSecureContext?"WebGPU is missing here":"WebGPU is only there on pages served over https");let t=await navigator.gpu.requestAdapter({powerPreference:"high-performance"});if(t===null)throw new Error("WebGPU is there, but no graphics adapter for it");let{maxStorageBufferBindingSize:r,maxBufferSize:s}=t.limits,o={maxStorageBufferBindingSize:r,maxBufferSize:s},i=await t.requestDevice({requiredLimits:o}),a=document.createElement("canvas"),l=t.info.isFallbackAdapter===!0,u=await Re.create(l?null:a,{device:i});return e.replaceChildren(a),new n(i,u,l?a.getContext("2d",{alpha:!1}):null)}async show(e,t){if(this.copies===null)return;let r=await this.renderer.readPixels();Object.assign(this.copies.canvas,{width:e,height:t}),this.copies.putImageData(new ImageData(r,e,t),0,0)}};var _o=33.333333333333336,To=150,nr=.125,Po=2,Ie=class{#e=0;learn(e,t){if(e<=0||t<=0)return;let r=t/e;this.#e=this.#e===0?r:.7*this.#e+.3*r}forget(){this.#e=0}moving(e){return this.#e===0?Math.min(1,Math.max(nr,Math.sqrt(65536/e))):this.#n(_o,e)}refined(e,t){let r=this.#e===0?0:this.#n(To,t);return Math.min(1,Math.max(Po*e,r))}#n(e,t){let r=Math.sqrt(e/(this.#e*t));return Math.min(1,Math.max(nr,r))}},Ne=class{#e=[];shown(e){for(this.#e.push(e);this.#e.length>0&&e-this.#e[0]>1e3;)this.#e.shift()}read(e){let t=this.#e.filter(r=>e-r<=1e3);return t.length<2||e-t[t.length-1]>500?null:(t.length-1)/((t[t.length-1]-t[0])/1e3)}};var Oo=4096,Co=3,So=2,Ve=class n{#e;#n;#r=new Ie;#t=new Ne;#s;#i=null;#o=null;#a=null;#c=!1;#l=0;#d=!1;#u=null;#f=[];constructor(e,t,r){this.#e=e,this.#n=t,this.#s=r,this.#x(r),new ResizeObserver(()=>this.draw()).observe(e)}static async create(e,t){return new n(e,t,await se.create(e))}get field(){return this.#i}get aspect(){return(this.#e.clientWidth||1)/(this.#e.clientHeight||1)}async setField(e){for(;this.#u!==null&&!this.#u.patient;)await this.#u.done;this.#i=e,this.#r.forget(),await this.#s.renderer.setField(e),this.draw()}set view(e){this.#o=e,this.draw()}set look(e){this.#a=e,this.draw()}set moving(e){this.#c!==e&&(this.#c=e,this.draw())}draw(){this.#l=0,this.#h()}#h(){this.#d||(this.#d=!0,requestAnimationFrame(()=>{this.#d=!1,(this.#u===null||this.#u.patient)&&this.#y()}))}async picture(){let[e,t]=this.#w(),r=await this.#m(()=>this.#b(e,t));return this.draw(),r}valueRange(){return this.#m(()=>this.#s.renderer.valueRange(this.#i.lodsDecoded-1))}async#m(e){for(;this.#u!==null;)await this.#u.done;let t=e(),r={done:t.then(()=>{},()=>{}),patient:!1};this.#u=r;try{return await t}finally{this.#u===r&&(this.#u=null),this.#h()}}async#b(e,t){await this.#p(e,t,this.#g(this.#i));let r=await this.#s.renderer.readPixels(),s=new OffscreenCanvas(e,t);return s.getContext("2d").putImageData(new ImageData(r,e,t),0,0),s.convertToBlob({type:"image/png"})}#y(){let e=this.#e.clientWidth>0&&this.#e.clientHeight>0;if(this.#i===null||this.#o===null||this.#a===null||!e||this.#l===1)return;let[t,r]=this.#w(),s=t*r,o=this.#l>0&&!this.#c,i=o?this.#r.refined(this.#l,s):this.#r.moving(s),a=Math.max(1,Math.round(t*i)),l=Math.max(1,Math.round(r*i));this.#l=i;let u={done:Promise.resolve(),patient:o};u.done=this.#v(a,l,i).then(d=>{if(this.#u!==u)return;this.#u=null;let c=this.#l===0||this.#l<1&&!this.#c;d&&c&&this.#h()}),this.#u=u}async#v(e,t,r){let s=this.#s,o=this.#i,i=this.#g(o);try{let a=performance.now();if(!await this.#p(e,t,i))return!0;await s.show(e,t);let l=performance.now();return this.#r.learn(e*t,l-a),this.#t.shown(l),this.#n.shown({lod:i,lods:o.lods,width:e,height:t,share:this.#l===r?r:0,framesPerSecond:this.#t.read(l),gpuBytes:s.renderer.bytes}),!0}catch(a){return s===this.#s&&!s.lost&&this.#n.failed(a),!1}}#p(e,t,r){return this.#s.renderer.render(this.#o,{...this.#a,lod:r,width:e,height:t})}#g(e){let t=Math.max(0,e.lodsDecoded-1);return Math.min(t,this.#a?.lod??t)}#w(){let e=Math.min(So,window.devicePixelRatio||1),t=Math.max(1,Math.round(this.#e.clientWidth*e)),r=Math.max(1,Math.round(this.#e.clientHeight*e)),s=Math.min(1,Oo/Math.max(t,r));return[Math.max(1,Math.round(t*s)),Math.max(1,Math.round(r*s))]}#x(e){e.device.addEventListener("uncapturederror",t=>{e===this.#s&&!e.lost&&this.#n.failed(t.error),e.lost=!0}),e.device.lost.then(t=>{e.lost=!0,e===this.#s&&this.#k(t.message)})}async#k(e){let t=performance.now();this.#f=[...this.#f.filter(r=>t-r<6e4),t];try{if(this.#f.length>Co)throw new Error(`the GPU was lost (${e})`);this.#s=await se.create(this.#e),this.#x(this.#s),this.#i!==null&&await this.#s.renderer.setField(this.#i),this.draw()}catch(r){this.#n.failed(r)}}};var rr="nfcodec-theme",sr=window.matchMedia("(prefers-color-scheme: dark)");function Mt(){let n=document.documentElement.dataset.theme;return n===void 0?sr.matches:n==="dark"}function or(n){let e=Fo();(e==="light"||e==="dark")&&(document.documentElement.dataset.theme=e),sr.addEventListener("change",n)}function ir(){let n=Mt()?"light":"dark";document.documentElement.dataset.theme=n;try{localStorage.setItem(rr,n)}catch{}}function Fo(){try{return localStorage.getItem(rr)}catch{return null}}var Ro={nerf:"Radiance field",sdf:"Signed distance",scalar:"Scalar field"},ze=class{#e=new Le;#n;#r;#t=new AbortController;#s=null;#i="";#o=null;#a=null;constructor(){or(()=>this.#n.themeChanged()),this.#n=new Ee(e=>{this.#d(t=>{t.look=e})},Mt),this.#r=Ve.create(y("picture"),{shown:e=>{this.#e.shown(e),document.body.dataset.lod=String(e.lod),performance.mark(`nfc-shown-${e.lod}`),document.body.dataset.sharp=String(e.share===1),e.share===1&&this.#n.lacksRange&&this.#h()},failed:e=>this.#p(e)}),this.#r.catch(e=>this.#p(e)),this.#x()}async open(e,t){this.#t.abort();let r=this.#t=new AbortController,{signal:s}=r;if(this.#s=e,this.#i=t,y("notice").hidden=!0,document.title=`${t} \xB7 nfcodec`,this.#a!==null){await this.#g(this.#a);return}let o=null;this.#c("loading");try{let i=await Qt(e,{signal:s,worker:Io,onProgress:({received:a,total:l,lodEnds:u})=>{s.aborted||this.#e.progress(a,l,u)},onLod:a=>{s.aborted||(performance.mark(`nfc-decoded-${a.lodsDecoded-1}`),o=o===null?this.#u(a):o.then(()=>this.#f(a,s)))}});await o,i.lodsDecoded<i.lods&&this.#y(i)}catch(i){if(s.aborted)return;o===null?this.fail(i,t):this.#b(i)}}fail(e,t){this.say("failed",ot(e,t))}say(e,t){y("message-title").textContent=t.title,y("message-text").textContent=t.text,y("message-remedy").textContent=t.remedy,y("retry").hidden=e==="welcome"||this.#s===null,this.#c(e)}#c(e){document.body.dataset.state=e,y("message").hidden=e!=="welcome"&&e!=="failed",y("panel").hidden=e!=="showing"||!this.#l,y("preview").hidden=!0,delete document.body.dataset.preview,(e==="welcome"||e==="failed")&&(y("readout").hidden=!0),e==="loading"&&delete document.body.dataset.lod}get#l(){return y("settings").getAttribute("aria-expanded")==="true"}async#d(e){if(this.#a===null)try{await e(await this.#r)}catch(t){this.#p(t)}}async#u(e){let t=e.metadata.name;y("name").textContent=typeof t=="string"&&t!==""?t:this.#i,y("name").title=this.#i,y("kind").textContent=Ro[e.kind],y("kind").hidden=!1,await this.#d(async r=>{this.#m(e,r);let{lod:s,mode:o,colormap:i,range:a,level:l}=xe(location.hash);this.#n.open(e,{...s!==void 0&&{lod:s},...o!==void 0&&{mode:o},...i!==void 0&&{colormap:i},...a!==void 0&&{range:a},...l!==void 0&&{isoLevel:l}}),r.look=this.#n.look,await r.setField(e),this.#c("showing")})}async#f(e,t){t.aborted||(this.#n.arrived(e),await this.#d(r=>r.setField(e)))}async#h(){await this.#d(async e=>{let{field:t}=e,r=await e.valueRange();t===e.field&&(this.#n.measuredRange=r)})}#m(e,t){let r=e.dims===2,s=r?ar:sn(e,t.aspect),o=r?1:P(T(...rt(e)));this.#o=new ke(s,r?ar.up:nt(e),o);let{view:i}=xe(location.hash);i!==void 0&&!r&&(this.#o.view=i),t.view=this.#o.view}#b(e){this.#v("The rest of the file did not arrive.",ot(e,this.#i).text)}#y({lodsDecoded:e,lods:t}){let r=e===1?"level 0":`levels 0\u2013${e-1}`;this.#v("The file is cut.",`It holds ${r} of 0\u2013${t-1}.`)}#v(e,t){y("notice-title").textContent=e,y("notice-text").textContent=t,y("notice").hidden=!1}#p(e){if(this.#a!==null)return;let t=e?.message??e;this.#a=String(t).split(`
`)[0],this.#t.abort(),this.#t=new AbortController,this.#g(this.#a)}async#g(e){this.say("failed",it(e,!1));let t=this.#s;if(t!==null)try{let r=await wn(t,this.#t.signal);if(r===null||t!==this.#s)return;let s=y("preview",HTMLImageElement);s.src=URL.createObjectURL(r),await s.decode(),this.say("failed",it(e,!0)),s.hidden=!1,document.body.dataset.preview=""}catch(r){t===this.#s&&!(r instanceof DOMException)&&this.fail(r,this.#i)}}#w(){this.#a!==null&&!(this.#s instanceof Blob)?location.reload():this.#s!==null&&this.open(this.#s,this.#i)}#x(){let e=r=>{if(this.#o===null)return;r(this.#o);let{view:s}=this.#o;this.#d(o=>{o.moving=!0,o.view=s})};cn(y("picture"),{turn:(r,s)=>e(o=>o.turn(r,s)),pan:(r,s)=>e(o=>o.pan(r,s)),zoom:r=>e(s=>s.zoom(r)),reset:()=>this.#M(),rest:()=>{this.#d(r=>{r.moving=!1})}});let t=(r,s)=>y(r).addEventListener("click",s);t("reset",()=>this.#M()),t("share",()=>{this.#L()}),t("screenshot",()=>{this.#U()}),t("theme",()=>this.#E()),t("help",()=>y("keys",HTMLDialogElement).showModal()),t("settings",()=>this.#$()),t("retry",()=>this.#w()),t("notice-retry",()=>this.#w()),y("pick",HTMLInputElement).addEventListener("change",r=>{let s=r.target.files?.[0];s!==void 0&&this.#A(s)}),window.addEventListener("hashchange",()=>this.#T()),document.addEventListener("keydown",r=>this.#k(r)),this.#_(),window.innerWidth<=640&&this.#$()}#k(e){let t=e.target instanceof HTMLInputElement||e.target instanceof HTMLSelectElement,r=e.ctrlKey||e.metaKey||e.altKey;if(t||r||y("keys",HTMLDialogElement).open)return;let o={"[":()=>this.#n.step(-1),"]":()=>this.#n.step(1),a:()=>this.#n.automatic(),m:()=>this.#n.nextMode(),s:()=>{this.#U()},l:()=>{this.#L()},t:()=>this.#E(),h:()=>document.body.toggleAttribute("data-bare"),"?":()=>y("keys",HTMLDialogElement).showModal()}[e.key.length===1?e.key.toLowerCase():e.key];o!==void 0&&(e.preventDefault(),o())}#_(){let e=r=>document.body.toggleAttribute("data-dropping",r),t=r=>r.dataTransfer?.types.includes("Files")??!1;document.addEventListener("dragover",r=>{r.preventDefault(),e(t(r))}),document.addEventListener("dragleave",r=>{r.relatedTarget===null&&e(!1)}),document.addEventListener("drop",r=>{r.preventDefault(),e(!1);let s=r.dataTransfer?.files[0];s!==void 0&&this.#A(s)})}#A(e){let t=new URL(location.href);t.search=t.hash="",history.replaceState(null,"",t),this.open(e,e.name)}#M(){if(this.#o===null)return;this.#o.reset();let{view:e}=this.#o;this.#d(t=>{t.moving=!1,t.view=e})}#$(){let e=!this.#l;y("settings").setAttribute("aria-expanded",String(e)),y("panel").hidden=!e||document.body.dataset.state!=="showing"}#E(){ir(),this.#n.themeChanged()}#T(){let{view:e}=xe(location.hash);e===void 0||this.#o===null||(this.#o.view=e,this.#d(t=>{t.view=e}))}async#L(){if(this.#o===null)return;let{lod:e,mode:t,colormap:r,range:s,isoLevel:o}=this.#n.look,i=new URL(location.href);i.hash=un({view:this.#o.view,mode:t,...e!==null&&{lod:e},...y("colours").hidden?{}:{colormap:r,...s!==null&&{range:s}},...t==="iso"&&o!==null&&{level:o}}),history.replaceState(null,"",i);try{await navigator.clipboard.writeText(i.href),Ae(this.#s instanceof Blob?"Link to this view copied; the file is not in it":"Link copied")}catch{Ae("The link is in the address bar")}}async#U(){document.body.dataset.state==="showing"&&await this.#d(async e=>{let t=document.createElement("a");t.href=URL.createObjectURL(await e.picture()),t.download=`${this.#i.replace(/\.nfc$/i,"")}.png`,t.click(),setTimeout(()=>URL.revokeObjectURL(t.href),1e4),Ae("Picture saved")})}};function Io(){let n=new URL(import.meta.url).search;return new Worker(new URL(`./worker.js${n}`,import.meta.url),{type:"module"})}var ar={eye:[0,0,1],target:[0,0,0],up:[0,1,0],verticalFov:.6};async function No(){try{let n=await fetch("files.json");if(!n.ok)return[];let e=await n.json();return(Array.isArray(e.files)?e.files:[]).filter(r=>typeof r?.name=="string")}catch{return[]}}function lr(n){let e=new URL(location.href);return e.search=`?src=${encodeURIComponent(n.name)}`,e.hash="",e.href}function Be(n){try{let e=dn(new URL(location.href));if(e===null)return!1;n.open(e,fn(e))}catch(e){n.fail(e,"The file")}return!0}function Vo(n,e){if(n.length<2)return;let t=y("file",HTMLSelectElement);t.replaceChildren(...n.map(({name:s})=>new Option(s,s)));let r=()=>t.value=new URLSearchParams(location.search).get("src")??"";r(),y("files").hidden=!1,t.addEventListener("change",()=>{history.pushState(null,"",lr({name:t.value})),Be(e)}),window.addEventListener("popstate",()=>{r(),Be(e)})}async function zo(){let n=new ze,e=Be(n),t=await No();e||(t.length>0?(history.replaceState(null,"",lr(t[0])+location.hash),Be(n)):n.say("welcome",hn)),Vo(t,n)}zo();
