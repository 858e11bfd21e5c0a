"""Words of English that are no typing errors, though a word of the evidence looks like them.

Chosen from SCOWL by `tests/english.py`; see NOTICE.
"""

_LISTED = """
ablution abortive abrasive abreast acclivity acculturation acerbate acrid acridity actively
actuated actuation actuator addiction adjutant aerobatic afterword alderman alliterative
alliteratively altercation alternately amplification anapestic androgenic androgyny antagonistic
antigenic antimony antipode antlered aphelion apostolic apposite argent armrest aromatic arrogate
asteroid audition badder banding bandying bashed basked basted beaching bearding beast belated
bending bewaring biased bible bidding biding bilge billiard billing binning birding birdying
blander blending blinked blinking blockage bluster bonce bonding borne braising branding breached
breaching bream bundling calculating candling caner cannibal captaining carat carbolic caret
castigate castigation cataleptic catering caving cecal cello ceramist chancery chancier chancing
chanting charging chart chimeras choleric chromatic chronicle chuck chunk chuntered circularizing
clacking clanging cleaning cleaving clerical clinked clocking cloister clouding clumsier clutter
codding coddling codification codified codifying coffined cohabitation collared collated
collective combated comet commendation commonest communed competent compilation compiled compiler
complication complied conceptional concessional conductive confessional confined confining
conformed congestive conjoining consecutive consent constant consulate contaminating contemning
contempt contend contest contiguous continent contravening contriving convectional convective
conventionalize conventioneer conversational cooperage coordination copulate copulation cording
correctional corrective corrugate cortical cossetted couplet cowering cracking crank creating
crosscurrent crosswalk crowding crumpled crustier curtaining cyclonic dandling deactivation dearth
decedent deceived deduced deduction defiling degeneration dejected dejection denaturation dendrite
deplored depolarization deponent depraved deprecation depreciation depredation depressive
depressor deprogram deprogramming derailed derided desalination desisted despondent devolution
digressive directest dissected diverted divested divining dowering drizzled ducal ducat easement
ejection elasticity elective eleventh elopement emigrate emigration emission encasing enchanted
enchanter endanger engorging engraver engraving enraging entranced epidural erogenous esophagi
exhalation expended fallowing faltered faltering farming farrier filling finagler finding finer
firming fizzled flailing flocking florescence flowering fluster foaming foraging foraying forcing
fording forehead forging forgoing forking formalin formalization formalize formative formulation
fracking frazzled friction frizzed frizzier fusing fusion genie genre germinal gladder glowering
griming grist grizzled groan groat growling haggling haltered haltering handing harrier hassling
heard hedgehop hedgerow hollowing horology huddling hurdling hypnotic immensity imparted impostor
improper impunity impurity inaction inaudible incinerating incineration incision indelible
indention indicted indicting indispensably inditing inductee indulged indulging ineducable inert
infected infection infernal inflated infraction ingratiation inhabited inhabiting inheritor
initialed initialing injunction injuring innovate inset insulting insuring intercepting
interception interdicting interdiction interesting interfacing interjecting interjection
interlacing interlarding interleaving interlinking interlocking internee internet interpreting
interring intersecting intersection interval intervention interwar introduction intuition inundate
inversion invigorating invigoration iterating iteration kibbling killdeer kilning kindling
knelling lacerate lankiness larch latex lathe latte laziness leaching leakiest leanness lecithin
leeriness legginess licensee liked likening limning limpid linage lined linkage linking livening
luckiness magnification maker malignantly marketer masticate mayst mediator medicate medicated
medicating meditate meditated meditating metallic microbial migrating milling minding misusing
mollification mollifying monocular morality morbidity mortality mortification mortifying motility
motor mousse multicellular multiplex multiplied multiplier mummification musicale mutilated
mystification narcosis narcotic nasalization native necropolis neoclassic neoclassical neuritic
neuronal neurosis neurotic nobility noncorroding nonfading nonscoring nonvoting notarization
nucleoli nucleolus nucleotide oblation oncoming ontogeny overcame overdressing overexercising
overexposing panchromatic pancreatitis pardner pardoner partaker paternal pearlier penalization
perfecta periling phosphate pigmentation pilling pinnate pleading plural plush polymerization
polymerize polyp populace popularization popularized postdate postoperative praising preached
preaching preceptor predication preening preformed preheating premeditation presentiment
preservation preservative preserved preserving presetting president presorting pressing pretending
pretesting pricing pricking priding primping princess printing prioress prismatic prizing
proactive probable proceeding processional processioned processioning procuring prodding profess
professing profiting projectile projection prompter prompting pronto properly prospective
prosthetic prostrate prostrated protean protestation protesting provably prowess pulverization
punitive radial radiating radiator rapacity rapture reactivate reattaining rebated recanted
recenter recessive recital recolonization reconditioning redacted redaction redressing refactor
refection refectory referred refining reflated reflation refraining refutation regiment registrant
regularization reheated relaxed relayed relegated relented relisted reloaded relocated remittance
rental repealed repented replanted replayed repleted repleting repletion reputation requited
resection resenting resilient restated restraint restringing retaining retching reticent
reticulation retrained retraining retrograding returnee revelation revelatory revolution ruing
saber sameness satellite sating saturation scanter scantier screwing seceding secretary secretly
seduced seduction seine selectman selectmen selve serrated serration shatter shell shopping
simulate simulated simulating simulcasting singalong siting skein skeleton skint slacking slattern
slicing slicking slimness slopping sluicing slung smell smoothie smuggest snuggest solacing
solemness solidi sooth spatter spell spicing splatter splaying splinting splitting sprucely
sprucing squatter starless steam steaminess steamroll steepness stemless stent stepping sternest
sternness stipulate stipulated stipulating stoat stolid stomping stooping stoppling stressor
stricture string stropping substructure swatter synthesize tarrier temporal tensing tension
tensity thrombolytic throughput tilling towering tradition traditional traducer trail trainspotter
tramp transaction transactional transduction transfix transiting transitive translation
transmission transmutation transnational transpiration transpire transponder transpose
transposition treading tricking tripe triplet triplex troll trucking turreted unclear unction
underline underlip unstably uttering valvular vehicle venerate veneration venue vesicular
vindicator vulnerably wherefore willing winding worming wracking zippier
"""

ENGLISH = frozenset(_LISTED.split())
