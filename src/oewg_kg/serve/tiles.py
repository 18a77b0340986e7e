"""Where each Member State stands on a map of squares: a scheme of our own, by rough position, true to no coast or area.

Not for colors or counts.
"""

# One word for each square, from west to east; a dot where no state stands.
MAP = """
. . . . . . . . . ISL . . . . . . . . FIN
. . . . . . . . . . . . . . NOR . SWE . EST . . . . . RUS
CAN . . . . . . . . . . . . . DNK . . . LVA
. . . . . . . . . . IRL . GBR NLD . . . POL LTU BLR
. . . . . . . . . . . . . BEL LUX DEU CZE SVK . . UKR
. . . . . . . . . . . . . FRA LIE AUT SVN HUN ROU MDA . . . . . KAZ . . . . MNG
. . . . . . . . . . . . . . CHE SMR HRV BIH SRB
. . . . . . . . . . PRT ESP AND . MCO ITA MNE MKD BGR . TUR . GEO AZE . UZB KGZ . . . . . PRK
USA . . . . . . . . . . . . . . . MLT ALB GRC . CYP SYR ARM . TKM . TJK . . . CHN . KOR JPN
. . . . . . . . . . . MAR . . TUN . . . . . LBN JOR IRQ IRN . AFG
. . . BHS . . . . . . . . . DZA . . LBY . . EGY ISR . KWT BHR ARE . PAK NPL BTN
MEX BLZ . CUB HTI . KNA . . . MRT . . . . . . . . . . . SAU QAT OMN . . IND BGD MMR LAO
. GTM HND JAM DOM . ATG DMA . . . MLI . . NER . . TCD . SDN . ERI YEM . . . . . . . VNM
. SLV NIC . . VCT LCA BRB CPV GMB SEN . BFA . . . . . . . . . . . . . . . . THA KHM . PHL
. . CRI PAN . . GRD TTO . GNB GIN . TGO BEN NGA . . . . . . ETH DJI
. . . . COL VEN . GUY . SLE LBR CIV GHA . . CMR . CAF . SSD . . SOM . . . . LKA . . MYS BRN . PLW . FSM MHL
. . . . . . . SUR . . . . . . STP GNQ . . . . UGA KEN . . . . MDV . . . SGP . . . . . KIR
. . . ECU . . . . . . . . . . . GAB COG . COD RWA BDI . . . SYC . . . . . . IDN . . . . NRU
. . . PER . . . BRA . . . . . . . . . . . . TZA . . . . . . . . . . . TLS . PNG SLB . TUV
. . . . . . . . . . . . . . . . AGO . . ZMB MWI . COM . . . . . . . . . . . . . . . WSM
. . . . . . BOL . . . . . . . . . . . . ZWE MOZ . MDG . MUS . . . . . . . . . . . VUT FJI
. . . . . . . PRY . . . . . . . . NAM . BWA . . . . . . . . . . . . . . . . . . . TON
. . . . . . . . . . . . . . . . . . ZAF . SWZ . . . . . . . . . . . . AUS
. . . . CHL ARG . URY . . . . . . . . . . . LSO
. . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . NZL
"""


def squares() -> dict[str, tuple[int, int]]:
    """Read the map as code (ISO 3166-1 alpha-3) -> column and row, from 0."""
    rows = MAP.strip().splitlines()
    return {code: (x, y) for y, row in enumerate(rows) for x, code in enumerate(row.split()) if code != "."}
