/// The page's script: the map, the switch between clustering steps, large pictures, search and copying. Without it the page
/// still shows everything but the map.
enum Script {
  static let text = #"""
    "use strict";(()=>{
    \#(common)\#(map)\#(page)})();

    """#

  private static let common = #"""
    const $=(s,r=document)=>r.querySelector(s),$$=(s,r=document)=>[...r.querySelectorAll(s)];
    const D=JSON.parse($("#data").textContent),NOISE=65535;
    const bytes=t=>Uint8Array.from(atob(t),c=>c.charCodeAt(0));
    const words=t=>{const b=bytes(t),w=new Uint16Array(b.length/2);for(let i=0;i<w.length;i++)w[i]=b[2*i]|b[2*i+1]<<8;return w};
    let before="";const paths=[];
    for(let i=0;i<D.paths.length;i+=2){before=before.slice(0,D.paths[i])+D.paths[i+1];paths.push(before)}
    const steps=D.steps.map(s=>({...s,labels:words(s.labels),strengths:bytes(s.strengths)}));
    let now=steps.length-1,chosen=null;
    const source=i=>D.pictures?(D.pictures[i]?"data:image/jpeg;base64,"+D.pictures[i]:""):(D.folder?D.folder+"/":"")+encodeURIComponent(D.ids[i])+".jpg";
    const make=(tag,style,text)=>{const e=document.createElement(tag);if(style)e.className=style;if(text!==undefined)e.textContent=text;return e};
    const picture=i=>{const box=make("div","thumb"),s=source(i);if(s){const im=make("img");im.alt="";im.src=s;box.append(im)}else box.classList.add("gone");return box};
    const nameOf=g=>g===NOISE?"Noise":"Group "+g;
    const say=t=>{$("#said").textContent=t};
    const copy=async(text,button)=>{let ok=true;try{await navigator.clipboard.writeText(text)}catch{const a=make("textarea");a.value=text;document.body.append(a);a.select();try{ok=document.execCommand("copy")}catch{ok=false}a.remove()}
     const was=button.textContent;button.textContent=ok?"Copied":"Could not copy";say(button.textContent);setTimeout(()=>button.textContent=was,1600)};
    document.body.classList.add("scripted");
    document.addEventListener("error",e=>{if(e.target.tagName==="IMG")e.target.closest(".thumb")?.classList.add("gone")},true);
    $$(".thumb img").forEach(im=>{if(im.complete&&im.src&&!im.naturalWidth)im.closest(".thumb").classList.add("gone")});
    $$("img[data-picture]").forEach(im=>{im.src=source(+im.dataset.picture)});

    """#

  private static let map = #"""
    const canvas=$("#canvas"),tip=$("#tip");
    let redraw=()=>{},fit=()=>{};
    if(canvas&&D.xy){
    const xy=words(D.xy),n=D.n,face=canvas.getContext("2d"),layer=document.createElement("canvas"),pen=layer.getContext("2d"),CELLS=96,cells=Array.from({length:CELLS*CELLS},()=>[]);
    for(let i=0;i<n;i++)cells[Math.min(CELLS-1,xy[2*i]*CELLS>>16)+CELLS*Math.min(CELLS-1,xy[2*i+1]*CELLS>>16)].push(i);
    let x0=65535,x1=0,y0=65535,y1=0;for(let i=0;i<n;i++){x0=Math.min(x0,xy[2*i]);x1=Math.max(x1,xy[2*i]);y0=Math.min(y0,xy[2*i+1]);y1=Math.max(y1,xy[2*i+1])}
    const mx=(x0+x1)/131070,my=(y0+y1)/131070;
    let W=0,H=0,zoom=1,cx=mx,cy=my,hot=-1,due=false,stale=true,image=null;
    const side=()=>Math.max(40,Math.min((W-72)/Math.max(.05,(x1-x0)/65535),(H-84)/Math.max(.05,(y1-y0)/65535))),px=i=>(xy[2*i]/65535-cx)*side()*zoom+W/2,py=i=>H/2-(xy[2*i+1]/65535-cy)*side()*zoom;
    const radius=()=>Math.max(1.6,Math.min(7,(n>20000?1.7:n>4000?2.3:n>800?3.2:4.5)*Math.pow(zoom,.38)));
    const shapes=[(p,r)=>p.arc(0,0,r,0,7),(p,r)=>p.rect(-r*.88,-r*.88,r*1.76,r*1.76),(p,r)=>{p.moveTo(0,-r*1.15);p.lineTo(r*1.1,r*.85);p.lineTo(-r*1.1,r*.85);p.closePath()},(p,r)=>{p.moveTo(0,-r*1.25);p.lineTo(r*1.25,0);p.lineTo(0,r*1.25);p.lineTo(-r*1.25,0);p.closePath()}];
    const shapeOf=g=>g===NOISE?0:Math.floor(g/10)%4;
    const style=()=>{const c=getComputedStyle(document.documentElement),v=k=>c.getPropertyValue(k).trim();return{groups:Array.from({length:10},(_,i)=>v("--g"+i)),noise:v("--noise"),ink:v("--ink"),card:v("--card")}};
    const rgb=t=>{t=t.slice(1);if(t.length===3)t=[...t].map(x=>x+x).join("");const v=parseInt(t,16);return[v>>16,v>>8&255,v&255]};
    const stamp=(colour,shape,r,k)=>{const s=document.createElement("canvas"),w=Math.ceil((r*1.4+1)*2*k);s.width=s.height=w;const p=s.getContext("2d",{willReadFrequently:true});p.translate(w/2,w/2);p.scale(k,k);p.beginPath();shapes[shape](p,r);p.fill();const d=p.getImageData(0,0,w,w).data,m=new Uint8Array(w*w);for(let i=0;i<m.length;i++)m[i]=d[4*i+3];return{m,w,c:rgb(colour)}};
    // The points are painted once for each view; hovering only copies that layer and adds a ring.
    const draw=()=>{due=false;const k=window.devicePixelRatio||1,w=canvas.clientWidth,h=canvas.clientHeight,r=radius(),c=style();if(!w)return;
     for(const t of[canvas,layer])if(t.width!==Math.round(w*k)||t.height!==Math.round(h*k)){t.width=Math.round(w*k);t.height=Math.round(h*k);stale=true}W=w;H=h;
     if(stale){stale=false;paint(k,r,c)}
     face.setTransform(1,0,0,1,0,0);face.clearRect(0,0,canvas.width,canvas.height);face.drawImage(layer,0,0);
     if(hot>=0){face.setTransform(k,0,0,k,0,0);face.beginPath();face.arc(px(hot),py(hot),r+4,0,7);face.lineWidth=2;face.strokeStyle=c.ink;face.stroke()}};
    const paint=(k,r,c)=>{
     const s=steps[now],w=layer.width,h=layer.height,of=new Map();if(s)s.groups.forEach((_,g)=>of.set(g,stamp(c.groups[g%10],shapeOf(g),r,k)));of.set(NOISE,stamp(c.noise,0,r*.8,k));
     if(!image||image.width!==w||image.height!==h)image=pen.createImageData(w,h);
     // Marks are blended by hand: ten times as fast as drawImage where there is no graphics card, and no slower elsewhere.
     const P=image.data,[r0,g0,b0]=rgb(c.card);new Uint32Array(P.buffer).fill((255<<24|b0<<16|g0<<8|r0)>>>0);
     const S=side()*zoom*k,ax=S/65535,bx=W/2*k-cx*S,by=H/2*k+cy*S;
     const put=(i,g,a)=>{const t=of.get(g),q=t.w,m=t.m,[R,G,B]=t.c,x=Math.round(bx+xy[2*i]*ax-q/2),y=Math.round(by-xy[2*i+1]*ax-q/2);if(x<=-q||y<=-q||x>=w||y>=h)return;
      const u0=Math.max(0,-x),u1=Math.min(q,w-x),v1=Math.min(q,h-y);for(let v=Math.max(0,-y);v<v1;v++){let o=4*((y+v)*w+x+u0);for(let u=u0;u<u1;u++,o+=4){const e=m[v*q+u];if(e){const f=e*a;P[o]+=(R-P[o])*f;P[o+1]+=(G-P[o+1])*f;P[o+2]+=(B-P[o+2])*f}}}};
     const label=s?s.labels:new Uint16Array(n).fill(NOISE);
     const pass=(alpha,want)=>{const a=alpha/255;for(let i=0;i<n;i++)if(want(label[i]))put(i,label[i],a)};
     if(chosen===null){pass(.55,g=>g===NOISE);pass(.78,g=>g!==NOISE)}else{pass(.13,g=>g!==chosen);pass(.92,g=>g===chosen)}
     pen.putImageData(image,0,0);
     pen.setTransform(k,0,0,k,0,0);
     if(s){pen.font="650 12px ui-sans-serif,system-ui,sans-serif";pen.textAlign="center";pen.textBaseline="middle";
      s.groups.forEach(([m],g)=>{if(chosen!==null&&chosen!==g)return;const x=px(m),y=py(m),t=String(g),half=Math.max(11,pen.measureText(t).width/2+7);if(x<-20||y<-20||x>W+20||y>H+20)return;
       pen.beginPath();pen.roundRect(x-half,y-11,half*2,22,11);pen.fillStyle=c.card;pen.fill();pen.lineWidth=2;pen.strokeStyle=c.groups[g%10];pen.stroke();pen.fillStyle=c.ink;pen.fillText(t,x,y+.5)})}};
    const refresh=()=>{if(!due){due=true;requestAnimationFrame(draw)}};
    redraw=()=>{stale=true;refresh()};
    fit=()=>{zoom=1;cx=mx;cy=my;redraw()};
    const near=(x,y,reach)=>{const u=(x-W/2)/(side()*zoom)+cx,v=(H/2-y)/(side()*zoom)+cy,d=reach/(side()*zoom);let best=-1,least=reach*reach;
     const a=Math.max(0,Math.floor((u-d)*CELLS)),b=Math.min(CELLS-1,Math.floor((u+d)*CELLS)),e=Math.max(0,Math.floor((v-d)*CELLS)),f=Math.min(CELLS-1,Math.floor((v+d)*CELLS));
     for(let j=e;j<=f;j++)for(let i=a;i<=b;i++)for(const p of cells[i+CELLS*j]){if(chosen!==null&&steps[now]&&steps[now].labels[p]!==chosen)continue;const q=(px(p)-x)**2+(py(p)-y)**2;if(q<least){least=q;best=p}}return best};
    const hover=i=>{if(i===hot)return;hot=i;canvas.classList.toggle("is-over",i>=0);refresh();if(i<0){tip.hidden=true;return}
     const s=steps[now],g=s?s.labels[i]:NOISE,text=make("div"),head=make("b","",s?nameOf(g):"Image");tip.replaceChildren(picture(i),text);text.append(head);
     if(s&&g!==NOISE)text.append(make("div","small","probability "+(s.strengths[i]/255).toFixed(2)));text.append(make("div","path",paths[i]));tip.hidden=false;
     const x=px(i),y=py(i),w=264,h=tip.offsetHeight;tip.style.left=Math.max(8,Math.min(W-w-8,x+16+w>W-8?x-w-16:x+16))+"px";tip.style.top=Math.max(8,Math.min(H-h-8,y-h/2))+"px"};
    const scale=(f,x=W/2,y=H/2)=>{const z=Math.max(1,Math.min(60,zoom*f)),u=(x-W/2)/(side()*zoom)+cx,v=(H/2-y)/(side()*zoom)+cy;zoom=z;cx=u-(x-W/2)/(side()*z);cy=v-(H/2-y)/(side()*z);if(z===1){cx=mx;cy=my}hover(-1);redraw()};
    const held=new Map();let moved=0,pinch=0;
    canvas.addEventListener("pointerdown",e=>{canvas.setPointerCapture(e.pointerId);held.set(e.pointerId,[e.offsetX,e.offsetY]);moved=0;pinch=0});
    canvas.addEventListener("pointermove",e=>{if(!held.has(e.pointerId)){hover(near(e.offsetX,e.offsetY,12));return}
     const[x,y]=held.get(e.pointerId);moved+=Math.abs(e.offsetX-x)+Math.abs(e.offsetY-y);held.set(e.pointerId,[e.offsetX,e.offsetY]);
     if(held.size===2){const[a,b]=[...held.values()],d=Math.hypot(a[0]-b[0],a[1]-b[1]);if(pinch)scale(d/pinch,(a[0]+b[0])/2,(a[1]+b[1])/2);pinch=d;return}
     if(moved>4){canvas.classList.add("is-held");cx-=(e.offsetX-x)/(side()*zoom);cy+=(e.offsetY-y)/(side()*zoom);hover(-1);redraw()}});
    const let_go=e=>{if(!held.delete(e.pointerId))return;canvas.classList.remove("is-held");if(e.type==="pointerup"&&moved<=4&&!held.size){const i=near(e.offsetX,e.offsetY,e.pointerType==="touch"?22:12);
      if(e.pointerType==="touch")hover(i);if(steps[now])choose(i<0||chosen===steps[now].labels[i]?null:steps[now].labels[i])}};
    canvas.addEventListener("pointerup",let_go);canvas.addEventListener("pointercancel",let_go);
    canvas.addEventListener("pointerleave",()=>hover(-1));
    canvas.addEventListener("dblclick",e=>scale(2,e.offsetX,e.offsetY));
    canvas.addEventListener("wheel",e=>{if(!e.ctrlKey&&!e.metaKey&&document.activeElement!==canvas)return;e.preventDefault();scale(Math.exp(-e.deltaY*.0022),e.offsetX,e.offsetY)},{passive:false});
    canvas.addEventListener("keydown",e=>{const d=.12/zoom,k={ArrowLeft:()=>cx-=d,ArrowRight:()=>cx+=d,ArrowUp:()=>cy+=d,ArrowDown:()=>cy-=d,"+":()=>scale(1.4),"=":()=>scale(1.4),"-":()=>scale(1/1.4),"0":fit,Escape:()=>choose(null)}[e.key];if(k){e.preventDefault();k();redraw()}});
    $$("[data-zoom]").forEach(b=>b.addEventListener("click",()=>({in:()=>scale(1.6),out:()=>scale(1/1.6),all:fit})[b.dataset.zoom]()));
    new ResizeObserver(()=>redraw()).observe(canvas);
    matchMedia("(prefers-color-scheme:dark)").addEventListener("change",()=>redraw());
    }

    """#

  private static let page = #"""
    const showStep=i=>{if(i<0||i>=steps.length)return;now=i;choose(null);const id=steps[i].id;
     $$(".panel").forEach(p=>p.hidden=p.dataset.step!==id);$$("[data-choose]").forEach(b=>b.setAttribute("aria-pressed",b.dataset.choose===id));redraw()};
    function choose(g){chosen=g;$$(".entry").forEach(b=>b.setAttribute("aria-pressed",g!==null&&(+b.dataset.group<0?NOISE:+b.dataset.group)===g));
     const id=steps[now]&&g!==null?steps[now].id+"-"+g:"";$$(".group").forEach(c=>c.classList.toggle("is-chosen",c.id===id));if(g!==null)say(nameOf(g)+" chosen");redraw()}
    $$("[data-choose]").forEach((b,i)=>b.addEventListener("click",()=>showStep(i)));
    $$(".entry").forEach(b=>b.addEventListener("click",()=>{const g=+b.dataset.group<0?NOISE:+b.dataset.group;choose(chosen===g?null:g)}));
    $$("[data-show]").forEach(b=>b.addEventListener("click",()=>{choose(+b.dataset.show);$("#map").scrollIntoView()}));
    $$("[data-copy]").forEach(b=>b.addEventListener("click",()=>{const g=+b.dataset.copy,l=steps[now].labels;copy(paths.filter((_,i)=>l[i]===g).join("\n"),b)}));
    $$("[data-copy-text]").forEach(b=>b.addEventListener("click",()=>copy($("pre",b.parentElement).textContent,b)));
    const follow=()=>{let id=location.hash.slice(1);try{id=decodeURIComponent(id)}catch{}const card=id&&document.getElementById(id);if(!card||!card.dataset.step)return;const i=steps.findIndex(s=>s.id===card.dataset.step);if(i>=0&&i!==now)showStep(i);card.scrollIntoView();card.focus({preventScroll:true})};
    addEventListener("hashchange",follow);
    const large=$("#large");
    document.addEventListener("click",e=>{const b=e.target.closest("button.thumb");if(!b)return;const i=+b.dataset.row,body=$("#large-body"),list=make("dl"),row=(k,v)=>list.append(make("dt","",k),make("dd","",v));
     steps.forEach(s=>row(s.name,s.labels[i]===NOISE?"noise":"group "+s.labels[i]+", probability "+(s.strengths[i]/255).toFixed(2)));const p=make("dd","path",paths[i]);list.append(make("dt","","path"),p);
     const c=make("button","quiet","Copy path");c.dataset.path="";c.addEventListener("click",()=>copy(paths[i],c));body.replaceChildren(picture(i),list,c);large.showModal()});
    large.addEventListener("click",e=>{if(e.target===large)large.close()});
    const box=$("#rejected");if(box){let code="";const search=$("[data-search]",box),rows=$$("tbody tr",box),sift=()=>{const q=search.value.toLowerCase();let left=0;for(const r of rows){r.hidden=!!(code&&r.dataset.code!==code)||!!(q&&!r.textContent.toLowerCase().includes(q));if(!r.hidden)left++}say(left+" rows")};
     search.addEventListener("input",sift);$$(".chip",box).forEach(b=>b.addEventListener("click",()=>{code=code===b.dataset.code?"":b.dataset.code;$$(".chip",box).forEach(c=>c.setAttribute("aria-pressed",c.dataset.code===code));sift()}))}
    const root=document.documentElement,dark=()=>root.dataset.theme?root.dataset.theme==="dark":matchMedia("(prefers-color-scheme:dark)").matches;
    $("#theme").addEventListener("click",()=>{root.dataset.theme=dark()?"light":"dark";redraw()});
    let shut=[];addEventListener("beforeprint",()=>{shut=$$("details:not([open])");shut.forEach(d=>d.open=true);$$("img").forEach(i=>i.loading="eager")});addEventListener("afterprint",()=>shut.forEach(d=>d.open=false));
    showStep(now);follow();

    """#
}
