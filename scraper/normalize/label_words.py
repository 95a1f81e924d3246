"""The labels that stand before a field's value on university pages, by language. Pure data.

Space inside a label is free (`编 辑`, `ReleaseTime`), and case as well. A colon follows a label; for dates,
and for the counts of `BARE`, the number itself may follow it.
"""

from __future__ import annotations

# field -> labels between `|`; those after `editor` are known so that they end another field's value.
_LABELS = {
    "release_time": (
        "发布时间|发布日期|发布于|发表时间|发表日期|发表于|发稿时间|发稿日期|发文时间|发文日期"
        "|更新时间|更新日期|更新于|最后更新|最后更新时间|录入时间|录入日期|添加时间|添加日期|编辑日期"
        "|编辑时间|编发时间|上传时间|上传日期|创建时间|创建日期|信息时间|公布时间|公布日期|公告时间"
        "|公告日期|刊发时间|刊登时间|刊载时间|登载时间|入库时间|上网时间|推送时间|新闻时间|新闻日期"
        "|文章时间|稿件时间|撰稿时间|撰写时间|供稿时间|投稿时间|提交时间|生成日期|成文日期|印发日期"
        "|时间|日期",
        "發布時間|發布日期|發佈時間|發佈日期|發布於|發佈於|發表時間|發表日期|更新時間|最後更新"
        "|最後更新日期|公告時間|刊登日期|刊登時間|張貼日期|張貼時間|上版日期|建立日期|建立時間|時間",
        "Release Time|Release Date|Date of release|Released on|Released|Publish Time|Publish Date"
        "|Published on|Published at|Published date|Published|Publication date|Publication time"
        "|Date of publication|Date published|First published|Pub Date|PubDate|Post Date|Post Time"
        "|Posted on|Posted at|Posted|Date Posted|Update Time|Update Date|Updated on|Updated"
        "|Last updated|Last updated on|Last update|Last modified|Date modified|Modified"
        "|Press release issued|Issued|Issued on|Issue Date|Add Time|Add Date|Added on|Added"
        "|Date added|Created on|Created|Creation date|Upload time|Upload date|News date|Date|Time",
        "Publié le|Publiée le|Date de publication|Mis en ligne le|Mis à jour le|Mise à jour"
        "|Dernière mise à jour|Créé le|Posté le",
        "Veröffentlicht am|Veröffentlicht|Veröffentlichungsdatum|Datum|Erstellt am|Erstellt"
        "|Aktualisiert am|Aktualisiert|Letzte Änderung|Zuletzt geändert|Zuletzt aktualisiert"
        "|Meldung vom|Pressemitteilung vom|Stand",
        "Publicado el|Fecha de publicación|Fecha|Actualizado el|Última actualización"
        "|Última modificación|Creado el",
        "Pubblicato il|Data di pubblicazione|Aggiornato il|Ultimo aggiornamento|Ultima modifica|Data",
        "Publicado em|Publicado|Data de publicação|Data da publicação|Atualizado em"
        "|Última atualização|Criado em",
        "작성일|작성일자|작성일시|작성시간|등록일|등록일자|등록일시|등록시간|게시일|게시일자|게시일시"
        "|입력일|수정일|최종수정일|보도일|보도일자|발행일|배포일|날짜|일자",
        "公開日|公開日時|掲載日|掲載日時|更新日|更新日時|最終更新日|登録日|投稿日|投稿日時|発表日"
        "|発行日|配信日|作成日|日付",
    ),
    "views": (
        "浏览次数|浏览人数|浏览人次|浏览总数|浏览量|浏览数|浏览率|浏览|点击次数|点击人数|点击数"
        "|点击量|点击率|点击|阅读次数|阅读人数|阅读人次|阅读数|阅读量|阅读率|阅读|阅览次数|阅览"
        "|访问次数|访问人数|访问量|访问数|查看次数|查看数|查看|点阅|点阅数|点阅率|人气|人气指数|热度"
        "|次数",
        "瀏覽次數|瀏覽人次|瀏覽人數|瀏覽數|瀏覽量|瀏覽|點擊次數|點擊數|點擊量|點擊率|點擊|閱讀次數"
        "|閱讀數|閱讀量|閱讀|點閱次數|點閱數|點閱率|點閱|觀看次數|造訪人次|人氣|次數",
        "Page views|Page view|Pageviews|Pageview|Number of views|View count|View times|Views|View"
        "|Viewed times|Times viewed|Viewed|Hit count|Number of hits|Hits|Hit|Clicks|Click count"
        "|Click times|Click number|Click|Clicked|Read count|Read times|Reads|Read|Readings"
        "|Reading times|Reading volume|Visits|Visit count|Visit|Visitors|Browse|Browses|Browse times"
        "|Browsing times|Times of browsing|Browse number",
        "Vues|Nombre de vues|Lectures|Consultations|Visites",
        "Aufrufe|Seitenaufrufe|Zugriffe|Klicks|Gelesen",
        "Visitas|Vistas|Lecturas|Visualizaciones|Número de visitas",
        "Visualizzazioni|Letture|Visite|Visualizações|Acessos|Leituras",
        "조회수|조회|읽음|閲覧数|閲覧回数|閲覧|アクセス数|ビュー数",
    ),
    "author": (
        "作者|文章作者|原作者|本文作者|发布者|发布人|发布|发表人|发稿人|发稿|撰稿|撰稿人|撰稿者|撰文"
        "|执笔|执笔人|文字|文字作者|文字/摄影|文/图|文、图|文·图|文图|图/文|图文|文|文/摄影|文/摄"
        "|图片/文字|文稿|记者|本报记者|本网记者|学生记者|见习记者|实习记者|校园记者|通讯员|特约通讯员"
        "|学生通讯员|通信员|信息发布员|信息员|投稿人|投稿|供稿人|供稿者|添加人|上传者|上传人|拟稿"
        "|拟稿人|采写|采编",
        "作者姓名|發布者|發佈者|發布人|發佈人|發表人|張貼人|公告人|撰稿|撰文者|記者|學生記者|通訊員"
        "|文字/攝影|文/圖|文/攝影",
        "Author|Authors|Author name|Written by|Text by|Text|Text and photos|Text and photos by"
        "|Words by|Words|Words and pictures|Words and photos|Story by|Story|Story and photos"
        "|Story and photos by|Article by|Writer|Writers|Reporter|Reporters|Reported by|Correspondent"
        "|Contributor|Contributors|Contributed by|Publisher|Published by|Posted by|Submitted by"
        "|Uploaded by|Created by|Compiled by|By",
        "Auteur|Auteurs|Auteure|Autrice|Par|Rédigé par|Écrit par|Publié par|Texte|Texte et photos",
        "Autor|Autorin|Autoren|Autorinnen|Von|Verfasst von|Verfasser|Text und Fotos|Text und Bilder",
        "Autora|Autores|Por|Escrito por|Texto|Texto y fotos|Publicado por|Autoria|Texto e fotos",
        "Autore|Autori|Testo|Testo e foto|Scritto da|Pubblicato da|A cura di",
        "작성자|글쓴이|등록자|게시자|글|글·사진|글/사진|글, 사진|기자|投稿者|著者|執筆者|執筆|文責"
        "|作成者|文・写真",
    ),
    "source": (
        "信息来源|文章来源|稿件来源|新闻来源|图文来源|来源|来源单位|来源部门|文章出处|供稿单位"
        "|供稿部门|供稿学院|供稿|来稿单位|来稿|投稿单位|撰稿单位|报送单位|发布单位|发布部门|发布机构"
        "|发文单位|发文部门|发文机关|单位|部门|出处|稿源|转载自|转自|原载|媒体来源",
        "來源|資料來源|新聞來源|文章來源|消息來源|供稿單位|發布單位|發佈單位|公告單位|發布處室"
        "|刊登單位|單位|轉載自|轉自",
        "Source|Sources|Article source|News source|Original source|Origin|From",
        "Quelle|Quellen|Fuente|Fuentes|Fonte|Fonti|출처|작성부서|등록부서|자료제공|出典|発信元"
        "|発信部署|引用元",
    ),
    "editor": (
        "责任编辑|责编|值班编辑|值班主编|特约编辑|栏目编辑|图片编辑|微信编辑|助理编辑|实习编辑|见习编辑|学生编辑|执行编辑|网络编辑|网站编辑|网页编辑|本网编辑|本期编辑|新媒体编辑|文字编辑"
        "|图文编辑|编辑|编辑人|编辑者|编发|编审|编校|编排|主编|执行主编|总编辑|录入员|录入者|录入人"
        "|录入",
        "編輯|責任編輯|責編|執行編輯|網站編輯|編審|主編",
        "Editor|Editors|Edited by|Editor in charge|Editor-in-charge|Executive editor"
        "|Responsible editor|Chief editor|Editor-in-chief|Web editor|Edit|Éditeur|Rédacteur"
        "|Rédactrice|Rédaction|Redaktion|Redakteur|Redakteurin|Editora|Edición|Redactor|Redactora"
        "|Redacción|Redazione|Redattore|Edição",
        "편집|편집자|편집인|編集|編集者|編集担当",
    ),
    "photographer": (
        "摄影|摄影者|摄影师|摄影记者|摄|图片|图|供图|配图|图片提供|图片来源|图片作者|照片|照片提供"
        "|照片来源|拍摄|摄像|视频|制图",
        "攝影|攝影者|圖|圖片|圖片提供|圖片來源|照片來源",
        "Photo|Photos|Photo by|Photos by|Photographer|Photographers|Photograph|Photograph by|Photographs"
        "|Photographs by"
        "|Photography|Photography by|Photo credit|Photo credits|Photo courtesy of|Photos courtesy of"
        "|Picture|Pictures|Pictures by|Image|Images|Image by|Images by|Image credit|Image courtesy of"
        "|Video|Video by|Credit|Credits",
        "Photographie|Crédit photo|Crédits photo|Crédits|Foto|Fotos|Bild|Bilder|Bildnachweis"
        "|Bildquelle|Fotografía|Fotografías|Imagen|Imágenes|Fotografia|Fotografie|Immagini|Imagem"
        "|사진|사진제공|촬영|写真|写真提供|撮影|画像",
    ),
    "reviewer": (
        "审核人|审核|审核者|审核员|审稿|审稿人|审签|审阅|审定|审校|审发|终审|初审|复审|复核|一审|二审"
        "|三审|四审|一校|二校|三校|校对|校对人|校稿|责任校对|核稿|核稿人|签发|签发人|监制",
        "審核|審核人|審稿|校對|初審|複審|終審|一審|二審|三審|監製",
        "Reviewer|Reviewers|Reviewed by|Review|Proofreader|Proofread by|Proofreading|Approved by"
        "|Checked by|검토|감수|校閲|監修",
    ),
    "other": (
        "字号|字体|字体大小|打印|分享到|分享|关键词|关键字|标签|栏目|所属栏目|类别|分类|上一篇|下一篇"
        "|上一条|下一条|附件|版次|版面|排版|设计|美编|美术编辑|制作|策划|统筹|翻译|译者|字號|字級"
        "|列印|關鍵字|分類|類別|標籤|上一則|下一則|翻譯",
        "Font size|Font|Share|Share to|Tags|Tag|Category|Categories|Keywords|Topics|Topic"
        "|Translated by|Translator|Traduction|Übersetzung|Traducción|Traduzione|Tradução|Mots-clés"
        "|Schlagworte|Etiquetas|첨부파일|첨부|カテゴリ|翻訳",
    ),
}
LABELS = {field: tuple("|".join(rows).split("|")) for field, rows in _LABELS.items()}

# Labels of counts that may stand without a colon: 阅读 128. Others too easily begin a sentence with a number.
_BARE = (
    "浏览 浏览次数 浏览人次 浏览量 浏览数 点击 点击次数 点击数 点击量 点击率 阅读 阅读次数 阅读数 "
    "阅读量 访问次数 访问量 访问数 查看次数 查看 人气 热度 瀏覽 瀏覽次數 瀏覽人次 瀏覽數 點擊 "
    "點擊數 點閱 點閱次數 點閱數 閱讀 閱讀數 人氣 pageviews pageview views view viewed viewcount "
    "hits hit clicks click reads read visits visit visitors browse browsingtimes timesofbrowsing "
    "vues aufrufe 조회수 조회 閲覧数 アクセス数"
)
BARE = frozenset(_BARE.split())

# Labels of a source that also stand before the person who sent the article in.
BY_PERSONS = frozenset(["供稿", "来稿", "投稿"])

# Labels of a source that name who is answerable for a document; who wrote the news of it goes before.
ISSUERS = frozenset(["发布机构", "发文单位", "发文部门", "发文机关"])

# Labels of release_time that speak of the last change.
_UPDATES = (
    "更新时间|更新日期|更新于|最后更新|最后更新时间|编辑时间|编辑日期|更新時間|更新日期|最後更新|最後更新日期"
    "|Update Time|Update Date|Updated on|Updated|Last updated|Last updated on|Last update|Last modified"
    "|Date modified|Modified|Mis à jour le|Mise à jour|Dernière mise à jour|Aktualisiert am|Aktualisiert"
    "|Letzte Änderung|Zuletzt geändert|Zuletzt aktualisiert|Stand|Actualizado el|Última actualización"
    "|Última modificación|Aggiornato il|Ultimo aggiornamento|Ultima modifica|Atualizado em"
    "|Última atualização|수정일|최종수정일|更新日|更新日時|最終更新日"
)
UPDATES = frozenset(_UPDATES.split("|"))
