# oewg-kg in R: ask from the command line, read the CSV, count, and keep the source lines of each row.
# Needs base R and `oewg` on the PATH; run it with: Rscript docs/analysis.R

# Run one oewg command that writes CSV, and return it as a data frame.
oewg <- function(...) {
  file <- tempfile(fileext = ".csv")
  status <- system2("oewg", c(..., "-o", shQuote(file)))
  if (status != 0) stop("oewg ended with exit code ", status)
  read.csv(file, encoding = "UTF-8", stringsAsFactors = FALSE)
}

# A saved question; its columns `actor` and `lines` are IRIs.
both <- oewg("ask", "states-on-both-drafts", "--cite")
cat("States on both drafts:", nrow(both), "\n")

# The first source line of each row, abbreviated.
both$first <- sub(".*/source/", "", sub(" .*", "", both$lines))
print(head(both[, c("actorLabel", "first")], 3), row.names = FALSE)

# A setting, by name: quote names with spaces.
comments <- oewg("ask", "states-on-both-drafts", "-p", shQuote("second=Zero Draft"), "-p", "kind=comments")
cat("Of these, with comments on both:", nrow(comments), "\n")

# Your own query, and a table of counts: kinds by draft.
sparql <- "
SELECT ?draft ?kind (COUNT(DISTINCT ?c) AS ?contributions) WHERE {
  ?c oewg:addresses ?d ; oewg:submittedBy/rdf:type oewg:State ; oewg:kind/skos:prefLabel ?kind .
  ?d a oewg:Draft ; skos:prefLabel ?draft .
  FILTER (LANG(?kind) = 'en')
}
GROUP BY ?draft ?kind
ORDER BY ?draft ?kind"
query <- tempfile(fileext = ".rq")
writeLines(sparql, query)
counts <- oewg("query", shQuote(query), "-f", "csv")
print(xtabs(contributions ~ kind + draft, counts))
