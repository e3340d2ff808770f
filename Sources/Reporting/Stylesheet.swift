/// The page's style sheet: calm, light or dark as the reader's system is, from 360 to 1600 pixels, and on paper.
enum Stylesheet {
  static let text = colours + frame + sections + groups + tables + map + narrow + paper

  private static let light =
    "--on:#fff;--bg:#f5f7f8;--card:#fff;--sunk:#eef1f3;--line:#dfe5e9;--ink:#14202b;--ink2:#4a5a68;--ink3:#6a7a87;--accent:#0b6b83;--accent-soft:#e2f0f3;--heat:11,107,131;--warn:#8a4b00;--warn-bg:#fdf3e1;--warn-line:#f0d9ae;--noise:#a9b3bb;--shadow:0 1px 2px rgba(20,32,43,.05),0 4px 16px rgba(20,32,43,.04);--ga:#0f7a55;--gb:#3f7d20;--gc:#8a6a00;--gd:#b3541e;--ge:#a8324a;"
    + Palette.declarations(Palette.light)
  private static let dark =
    "--on:#0e1316;--bg:#0e1316;--card:#161d22;--sunk:#1e272d;--line:#2a353d;--ink:#e6edf1;--ink2:#b0bec8;--ink3:#8d9ca8;--accent:#63c2d8;--accent-soft:#16323a;--heat:70,170,195;--warn:#f0c275;--warn-bg:#2b2315;--warn-line:#4d3e20;--noise:#5d6972;--shadow:0 1px 2px rgba(0,0,0,.4);--ga:#4cc795;--gb:#93c760;--gc:#dcb648;--gd:#ee9560;--ge:#f07f95;"
    + Palette.declarations(Palette.dark)

  private static let colours = """
    :root{color-scheme:light;\(light)}
    @media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;\(dark)}}
    :root[data-theme=dark]{color-scheme:dark;\(dark)}
    \((0..<Palette.light.count).map { ".c\($0){--c:var(--g\($0))}" }.joined())
    .c4,.c5{--on:#0e1316}

    """

  private static let frame = """
    *{box-sizing:border-box}
    html{scroll-behavior:smooth;scroll-padding-top:72px;-webkit-text-size-adjust:100%}
    @media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}*{transition:none!important}}
    body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 Inter,-apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,system-ui,sans-serif;font-variant-numeric:tabular-nums}
    main,.end{max-width:1320px;margin:0 auto;padding:0 28px}
    h1,h2,h3,h4,h5,p,figure,dl,dd,ul,ol{margin:0;padding:0}
    h1,h2,h3,h4{line-height:1.2;letter-spacing:-.012em;text-wrap:balance}
    a{color:var(--accent);text-underline-offset:3px;text-decoration-thickness:1px}
    code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.86em}
    button,input{font:inherit;color:inherit}
    button{cursor:pointer}
    :focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:6px}
    .hush{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
    .skip{position:absolute;left:-9999px;top:8px;z-index:9;background:var(--card);padding:8px 14px;border-radius:8px}
    .skip:focus{left:12px}
    .small{font-size:.84rem;color:var(--ink3)}
    .push{flex:1}
    .none{color:var(--ink3)}
    .top{position:sticky;top:0;z-index:5;display:flex;gap:18px;align-items:center;padding:10px 28px;background:color-mix(in srgb,var(--bg) 88%,transparent);backdrop-filter:blur(10px);border-bottom:1px solid var(--line)}
    .brand{display:flex;align-items:center;gap:9px;font-weight:650;letter-spacing:-.01em;color:var(--ink);text-decoration:none}
    .brand svg{width:22px;height:22px;fill:var(--accent)}
    .links{display:flex;gap:2px;overflow-x:auto;scrollbar-width:none;min-width:0}
    .links a{color:var(--ink2);text-decoration:none;font-size:.9rem;padding:5px 11px;border-radius:8px;white-space:nowrap}
    .links a:hover{background:var(--sunk);color:var(--ink)}
    .switch{display:flex;background:var(--sunk);border-radius:9px;padding:3px;flex:none}
    .switch button{border:0;background:none;padding:3px 12px;border-radius:7px;font-size:.87rem;color:var(--ink2)}
    .switch button[aria-pressed=true]{background:var(--card);color:var(--ink);box-shadow:var(--shadow);font-weight:600}
    .quiet{border:1px solid var(--line);background:var(--card);border-radius:8px;padding:4px 11px;font-size:.84rem;color:var(--ink2);white-space:nowrap}
    .quiet:hover{border-color:var(--ink3);color:var(--ink)}
    .card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:22px;box-shadow:var(--shadow);min-width:0}
    .card.flush{padding:0;overflow:hidden}
    .card+.card,.card+.cards,.scroll+.card{margin-top:16px}
    .empty{color:var(--ink2)}
    .mark{width:.72em;height:.72em;fill:var(--c);flex:none;display:inline-block;vertical-align:-.02em;margin-right:.5em}
    span.mark.noise{background:var(--noise);border-radius:50%}
    .path{overflow-wrap:anywhere;font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.78rem;color:var(--ink3)}
    .end{border-top:1px solid var(--line);margin-top:64px;padding-top:22px;padding-bottom:56px;color:var(--ink2);font-size:.88rem;display:grid;gap:6px}

    """

  private static let sections = """
    section{margin-top:56px}
    .head{max-width:820px;margin-bottom:18px}
    h2{font-size:1.55rem;font-weight:650}
    .lead{color:var(--ink2);margin-top:6px;text-wrap:pretty}
    h3{font-size:1.05rem;font-weight:650}
    h4{font-size:1rem;font-weight:650}
    h5{font-size:.84rem;font-weight:620;color:var(--ink2)}
    h5 span:not(.swatch){font-weight:400;color:var(--ink3);margin-left:4px}
    .hero{padding:44px 0 0}
    .kicker{font-size:.84rem;color:var(--accent);font-weight:600;letter-spacing:.01em}
    h1{font-size:clamp(1.9rem,4vw,2.9rem);font-weight:680;letter-spacing:-.025em;margin-top:4px;overflow-wrap:anywhere}
    .verdict{font-size:clamp(1.08rem,1.7vw,1.32rem);line-height:1.5;color:var(--ink2);max-width:62ch;margin-top:14px;text-wrap:pretty}
    .tiles{display:flex;flex-wrap:wrap;gap:1px;background:var(--line);border:1px solid var(--line);border-radius:14px;overflow:hidden;margin-top:30px;box-shadow:var(--shadow)}
    .tile{flex:1 1 176px;background:var(--card);padding:16px 20px 17px;text-decoration:none;color:inherit;display:flex;flex-direction:column}
    .tile:hover{background:color-mix(in srgb,var(--card) 94%,var(--accent))}
    .tile .name{font-size:.84rem;color:var(--ink2)}
    .tile .value{font-size:1.85rem;font-weight:640;letter-spacing:-.025em;line-height:1.25}
    .tile .small{line-height:1.4;margin-top:2px}
    .bars{display:grid;gap:9px;margin-top:22px}
    .bar{display:grid;grid-template-columns:minmax(72px,auto) 1fr;align-items:center;gap:14px;color:var(--ink2)}
    .parts{display:flex;gap:2px;height:26px;border-radius:7px;overflow:hidden}
    .part{flex-basis:0;min-width:3px;background:var(--c);color:var(--on);font-size:.78rem;font-weight:650;display:flex;align-items:center;justify-content:center;text-decoration:none;overflow:hidden;white-space:nowrap}
    .part:hover{filter:brightness(1.08)}
    .part.noise{background:repeating-linear-gradient(135deg,var(--noise) 0 3px,transparent 3px 6px);color:var(--ink);font-weight:500}
    .part.noise:not(:empty){background:var(--sunk)}
    .two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:16px;align-items:start}
    .two>.card{margin-top:0}
    .card+.two{margin-top:16px}
    .next{list-style:none;counter-reset:n;padding:6px 22px}
    .next li{counter-increment:n;display:grid;grid-template-columns:40px 1fr;column-gap:8px;padding:16px 0;border-bottom:1px solid var(--line)}
    .next li:last-child{border:0}
    .next li::before{content:counter(n);grid-row:1/4;width:28px;height:28px;border-radius:50%;background:var(--accent-soft);color:var(--accent);font-weight:650;font-size:.88rem;display:grid;place-items:center}
    .next p{color:var(--ink2);grid-column:2;max-width:78ch}
    .next h4{align-self:center}
    .links .near,.near{display:inline-flex;align-items:center;text-decoration:none;color:var(--ink);border:1px solid var(--line);border-radius:99px;padding:0 9px 0 8px;font-size:.84rem;margin:0 2px 2px 0;background:var(--card)}
    .next .links{display:block;max-width:none}
    .next .links:empty{display:none}
    .next .near{margin:6px 4px 0 0;gap:0;padding-left:3px}
    .next .near .thumb{width:34px;border-radius:99px;margin:3px 8px 3px 0}
    .near:hover{border-color:var(--ink3)}
    .near .mark{margin-right:.4em}
    .chart{width:100%;height:auto;display:block;margin-top:6px}
    .chart-card figcaption{margin-bottom:10px}
    .chart .grid{stroke:var(--line);stroke-width:1}
    .chart .limit{stroke:var(--ink3);stroke-width:1;stroke-dasharray:3 4}
    .chart .axis{fill:var(--ink3);font-size:11.5px}
    .chart .line-a,.chart .line-b{fill:none;stroke:var(--g0);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
    .chart .line-b{stroke:var(--g1)}
    .chart .bar-a{fill:var(--g0);opacity:.75}
    .key{display:flex;align-items:center;gap:7px;margin-top:12px}
    .swatch{width:14px;height:3px;border-radius:2px;background:var(--g0)}
    .swatch.b{background:var(--g1)}

    """

  private static let groups = """
    .panel[hidden]{display:none}
    .step{margin:26px 0 12px}
    body.scripted .step{display:none}
    .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,540px),1fr));gap:16px;margin-top:16px;align-items:start}
    .cards>.card{margin:0}
    .group{border-top:3px solid var(--c);padding:18px 22px 14px;display:flex;flex-direction:column;gap:16px;scroll-margin-top:72px}
    .group:target,.group.is-chosen{border-color:var(--c);box-shadow:0 0 0 1px var(--c),var(--shadow)}
    .group header,.group footer{display:flex;align-items:center;gap:10px;flex-wrap:wrap}
    .group header .mark{margin:0;width:13px;height:13px}
    .group header h4{font-size:1.12rem}
    .group footer{border-top:1px solid var(--line);padding-top:12px;gap:8px}
    .who{display:grid;grid-template-columns:168px 1fr;gap:20px}
    .who figcaption{font-size:.84rem;font-weight:600;color:var(--ink2);margin-top:6px}
    .who figcaption .path{display:block;font-weight:400;line-height:1.35;margin-top:1px}
    .thumb{position:relative;border:0;padding:0;background:var(--sunk);border-radius:9px;overflow:hidden;display:block;line-height:0;aspect-ratio:1}
    .who .thumb{width:168px}
    .thumb img{width:100%;height:100%;object-fit:cover;display:block}
    .thumb.gone::after,.missing::after{content:"no preview";position:absolute;inset:0;display:grid;place-items:center;font-size:.68rem;line-height:1.2;color:var(--ink3);background:repeating-linear-gradient(135deg,var(--sunk) 0 6px,transparent 6px 12px)}
    .thumb.gone img,.missing{font-size:0}
    .thumb.gone img{visibility:hidden}
    .thumb:hover{box-shadow:0 0 0 2px var(--c,var(--accent))}
    .thumb .note{position:absolute;left:3px;bottom:3px;background:rgba(10,16,20,.72);color:#fff;font-size:.66rem;line-height:1.45;border-radius:4px;padding:0 5px}
    .strip{display:grid;grid-template-columns:repeat(8,1fr);gap:6px;margin-top:6px}
    .strip .thumb{width:100%}
    .sure{line-height:1.5;text-wrap:pretty}
    .figures{display:grid;grid-template-columns:repeat(3,1fr);gap:10px 14px;margin-top:14px}
    .figures dt{font-size:.78rem;color:var(--ink3)}
    .figures dd{font-size:1.02rem;font-weight:600}
    .figures [title]{cursor:help}
    .grade{display:inline-grid;place-items:center;min-width:26px;height:24px;padding:0 7px;border-radius:7px;font-weight:700;font-size:.84rem;color:var(--gx);background:color-mix(in srgb,var(--gx) 13%,transparent);border:1px solid color-mix(in srgb,var(--gx) 35%,transparent)}
    .g-A{--gx:var(--ga)}.g-B{--gx:var(--gb)}.g-C{--gx:var(--gc)}.g-D{--gx:var(--gd)}.g-E{--gx:var(--ge)}
    .warning{display:flex;gap:12px;align-items:start;background:var(--warn-bg);border:1px solid var(--warn-line);color:var(--warn);border-radius:10px;padding:9px 13px;font-size:.9rem;line-height:1.45}
    .warning+.warning{margin-top:-8px}
    .warning span{flex:none;width:20px;height:20px;border-radius:50%;border:1.5px solid currentColor;display:grid;place-items:center;font-weight:700;font-size:.76rem;margin-top:1px}
    .meter{position:relative;display:inline-block;width:100%;height:7px;border-radius:4px;background:var(--sunk);vertical-align:middle}
    .meter .fill{position:absolute;inset:0 auto 0 0;border-radius:4px;background:var(--c,var(--accent));min-width:2px}
    .meter .tick{position:absolute;top:-3px;bottom:-3px;width:2px;background:var(--ink);border-radius:1px}
    .facts{width:100%;border-collapse:collapse;margin-top:4px;font-size:.88rem}
    .facts th{font-weight:400;color:var(--ink3);text-align:left;white-space:nowrap;padding:3px 12px 3px 0;width:1%}
    .facts td{padding:3px 0}
    .facts .pair{width:34%;padding:0 12px}
    .facts .figure{text-align:right;white-space:nowrap;width:1%;padding-left:8px;font-weight:600}
    .facts .rest{font-weight:400;color:var(--ink3)}
    details.card{padding:0}
    details.card>summary{padding:14px 22px;cursor:pointer;display:flex;gap:10px;align-items:center;list-style:none}
    details.card>summary::-webkit-details-marker{display:none}
    details.card>summary span.push{flex:1}
    details.card>summary::before{content:"";width:7px;height:7px;border-right:1.5px solid var(--ink3);border-bottom:1.5px solid var(--ink3);transform:rotate(-45deg);transition:transform .15s;flex:none}
    details.card[open]>summary::before{transform:rotate(45deg)}
    details.card>:not(summary){margin:0 22px 16px}
    details.card>.scroll{margin:0 0 12px}
    .reading{margin-top:16px}
    .reading ol{padding-left:20px;color:var(--ink2);display:grid;gap:4px;max-width:84ch}
    .meanings{list-style:none;display:flex;flex-wrap:wrap;gap:8px 20px}
    .panel+.panel{margin-top:8px}

    """

  private static let tables = """
    .scroll{overflow-x:auto}
    table{border-collapse:collapse}
    .numbers{width:100%;font-size:.92rem}
    .numbers th,.numbers td{padding:8px 14px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
    .numbers tbody tr:last-child>*{border-bottom:0}
    .numbers th:first-child{text-align:left;padding-left:22px}
    .card:not(.flush):not(.reading) .numbers th:first-child{padding-left:4px}
    .numbers thead th{font-size:.8rem;font-weight:500;color:var(--ink3)}
    .numbers tbody th{font-weight:600}
    .numbers tbody th a{color:inherit}
    .numbers tbody tr:hover{background:color-mix(in srgb,var(--sunk) 55%,transparent)}
    .numbers .wide{text-align:left;min-width:190px;width:30%}
    .wide .meter{width:calc(100% - 70px)}
    .wide .figure{display:inline-block;width:66px;text-align:right}
    .ours th,.ours td{background:var(--accent-soft)}
    .best{font-weight:700}
    .under{padding:10px 22px 14px;font-size:.86rem;color:var(--ink2);border-top:1px solid var(--line)}
    .confusion{width:auto;margin-top:10px}
    .confusion .heat{background:rgba(var(--heat),calc(var(--h)*.62));min-width:58px;text-align:center;border:1px solid var(--card)}
    .confusion .total{color:var(--ink3)}
    .confusion thead th{text-align:center}
    .filters{display:flex;flex-wrap:wrap;align-items:center;gap:10px 14px;padding:18px 22px 14px}
    .chips{display:flex;flex-wrap:wrap;gap:6px;width:100%}
    .chip{border:1px solid var(--line);background:var(--card);border-radius:99px;padding:2px 12px;font-size:.86rem;color:var(--ink2)}
    .chip b{color:var(--ink);margin-left:3px}
    .chip[aria-pressed=true]{background:var(--accent);border-color:var(--accent);color:var(--card)}
    .chip[aria-pressed=true] b{color:inherit}
    .search input{border:1px solid var(--line);background:var(--bg);border-radius:8px;padding:5px 12px;font-size:.9rem;width:min(280px,70vw)}
    .list{width:100%;font-size:.88rem}
    .flush>.scroll:has(.list){max-height:430px;overflow:auto}
    .list th{position:sticky;top:0;background:var(--card);text-align:left;font-size:.8rem;font-weight:500;color:var(--ink3);padding:6px 14px;box-shadow:inset 0 -1px var(--line)}
    .list td{padding:7px 14px;border-bottom:1px solid var(--line);vertical-align:top}
    .list th:first-child,.list td:first-child{padding-left:22px}
    .list tr[hidden]{display:none}
    .list .path{min-width:170px}
    .code{white-space:nowrap;background:var(--sunk);border-radius:5px;padding:1px 7px;font-size:.82rem}
    .steps{display:grid;gap:8px}
    .steps>.card{margin:0}
    .values{font-size:.88rem;width:calc(100% - 44px)}
    .values th{font-weight:400;color:var(--ink3);text-align:left;vertical-align:top;padding:4px 24px 4px 0;width:1%;white-space:nowrap}
    .values td{overflow-wrap:anywhere;padding:4px 0}
    .digest{font-size:.8rem;color:var(--ink3);overflow-wrap:anywhere}
    .again{display:grid;grid-template-columns:1fr auto;gap:8px 16px;align-items:center;margin-bottom:16px}
    .again pre{grid-column:1/-1;order:3;margin:0;background:var(--sunk);border-radius:9px;padding:12px 16px;overflow-x:auto}

    """

  private static let map = """
    .map{display:grid;grid-template-columns:minmax(0,1fr) 290px;padding:0;overflow:hidden}
    .stage{position:relative;height:min(68vh,640px);min-height:380px}
    #canvas{position:absolute;inset:0;width:100%;height:100%;cursor:grab;touch-action:none}
    #canvas:focus-visible{outline-offset:-3px}
    #canvas.is-over{cursor:pointer}
    #canvas.is-held{cursor:grabbing}
    .tools{position:absolute;right:12px;top:12px;display:grid;gap:4px}
    .tools button{width:32px;height:32px;border:1px solid var(--line);border-radius:8px;background:var(--card);color:var(--ink2);line-height:1}
    .tools button:hover{color:var(--ink);border-color:var(--ink3)}
    .help{position:absolute;left:16px;bottom:10px;right:60px;font-size:.78rem;color:var(--ink3);pointer-events:none}
    .noscript{position:absolute;inset:0;display:grid;place-items:center;color:var(--ink2)}
    .side{border-left:1px solid var(--line);padding:18px 12px 12px 18px;max-height:min(68vh,640px);overflow-y:auto}
    .side h3{font-size:.9rem;margin-bottom:8px}
    .side .step{font-size:.86rem;margin:12px 0 4px}
    .legend{list-style:none}
    .legend li{display:flex;align-items:center}
    .entry{flex:1;display:flex;align-items:center;border:0;background:none;border-radius:8px;padding:5px 8px;text-align:left;font-size:.92rem;gap:2px}
    .entry:hover{background:var(--sunk)}
    .entry[aria-pressed=true]{background:var(--accent-soft);font-weight:600}
    .entry .who{flex:1;display:block}
    .entry .size{color:var(--ink3);font-weight:400;margin-right:10px;font-size:.86rem}
    .entry .grade{min-width:22px;height:20px;font-size:.74rem;padding:0 5px}
    .go{color:var(--ink3);text-decoration:none;padding:5px 8px;border-radius:8px}
    .go:hover{background:var(--sunk);color:var(--ink)}
    .tip{position:absolute;z-index:3;pointer-events:none;width:264px;background:var(--card);border:1px solid var(--line);border-radius:12px;box-shadow:0 8px 30px rgba(10,20,30,.18);padding:10px;display:grid;grid-template-columns:84px 1fr;gap:12px;font-size:.84rem;line-height:1.4}
    .tip[hidden]{display:none}
    .tip .thumb{width:84px}
    .tip b{display:flex;align-items:center}
    .tip .path{display:-webkit-box;-webkit-line-clamp:3;-webkit-box-orient:vertical;overflow:hidden;line-height:1.3;margin-top:3px}
    dialog{border:1px solid var(--line);border-radius:16px;background:var(--card);color:var(--ink);padding:20px;width:min(440px,92vw);box-shadow:0 24px 80px rgba(0,0,0,.35)}
    dialog::backdrop{background:rgba(8,12,16,.55)}
    dialog form{position:absolute;right:14px;top:14px;z-index:1}
    dialog .thumb{width:100%;margin-bottom:14px;pointer-events:none}
    dialog dl{display:grid;grid-template-columns:auto 1fr;gap:4px 16px;font-size:.9rem}
    dialog dt{color:var(--ink3)}
    dialog .quiet[data-path]{margin-top:14px}

    """

  private static let narrow = """
    @media (max-width:1000px){.map{grid-template-columns:1fr}.side{border-left:0;border-top:1px solid var(--line);max-height:300px}.stage{height:min(60vh,480px);min-height:320px}}
    @media (max-width:760px){main,.end{padding-left:16px;padding-right:16px}.top{padding:9px 16px;gap:10px;flex-wrap:wrap}.links{order:3;width:100%;margin:0 -10px}section{margin-top:42px}.hero{padding-top:26px}.tile{flex-basis:calc(50% - 1px);padding:12px 15px}.tile .value{font-size:1.5rem}.card{padding:16px}.card.flush,.map,details.card{padding:0}.group{padding:14px 16px 12px}.bar{grid-template-columns:1fr;gap:2px}html{scroll-padding-top:100px}.group{scroll-margin-top:100px}.help{display:none}.numbers th,.numbers td{padding:7px 10px}.numbers th:first-child{padding-left:16px}.next{padding:4px 16px}.facts .pair{width:24%}}
    @media (max-width:520px){.who{grid-template-columns:112px 1fr;gap:14px}.who .thumb{width:112px}.who{align-items:start}.what{min-width:0}.figures{grid-column:1/-1;grid-template-columns:repeat(3,1fr)}.sure{font-size:.95rem}.strip{grid-template-columns:repeat(4,1fr)}.figures{gap:8px 10px}.facts .pair{display:none}.again{grid-template-columns:1fr auto}}
    @media (max-width:520px){.who{display:grid}.what{display:contents}.sure{grid-column:2;grid-row:1}.figures{margin-top:0}}

    """

  private static let paper = """
    @media print{:root,:root[data-theme=dark]{color-scheme:light;\(light)}body{background:#fff;font-size:10.5pt}.top,.tools,.help,.quiet,.go,.search,.chips,#tip,.skip,dialog{display:none!important}main,.end{max-width:none;padding:0}section{margin-top:26px}.card,.tiles{box-shadow:none}.card,.group,tr,figure,.next li{break-inside:avoid}h2,h3,h4{break-after:avoid}.panel[hidden]{display:block!important}body.scripted .step{display:block}.flush>.scroll:has(.list){max-height:none}.cards{grid-template-columns:1fr 1fr;gap:10px}.who{grid-template-columns:110px 1fr}.who .thumb{width:110px}.map{grid-template-columns:1fr 180px}.stage{height:420px}#canvas{object-fit:contain}.side{max-height:none}.side .panel[hidden]{display:none!important}a{color:inherit;text-decoration:none}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
    """
}
