-- Requests for wrk: the paths of a file in turn, each made new by a comment at its end where FRESH is set; results on one line.
local paths, at, fresh, number = {}, 0, os.getenv("FRESH"), 0

function init(arguments)
   for line in io.lines(arguments[1]) do
      paths[#paths + 1] = line
   end
   wrk.headers["Accept"] = "application/sparql-results+json"
end

function request()
   at = at % #paths + 1
   number = number + 1
   return wrk.format("GET", fresh and (paths[at] .. "%0A%23" .. fresh .. number) or paths[at])
end

function done(summary, latency, requests)
   io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(99),
      summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
