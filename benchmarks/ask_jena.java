// Asks every query of a folder over one file of N-Quads with Jena's ARQ: `java ask_jena.java DATA QUERIES OUT`.
// Writes for each question its solutions (SPARQL results JSON), or into NAME.error what went wrong.

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.apache.jena.query.Dataset;
import org.apache.jena.query.DatasetFactory;
import org.apache.jena.query.QueryExecution;
import org.apache.jena.query.ResultSetFormatter;
import org.apache.jena.riot.RDFDataMgr;

class AskJena {
    static final int SECONDS = 600;

    public static void main(String[] arguments) throws IOException {
        // Without transactions, of which each look into the dataset would begin one: five times as slow.
        Dataset dataset = DatasetFactory.createGeneral();
        RDFDataMgr.read(dataset, arguments[0]);
        File[] queries = new File(arguments[1]).listFiles((folder, name) -> name.endsWith(".rq"));
        Arrays.sort(queries);
        for (File query : queries) {
            Path out = Path.of(arguments[2], query.getName().replace(".rq", ".srj"));
            QueryExecution execution = QueryExecution.create()
                .dataset(dataset)
                .query(Files.readString(query.toPath()))
                .timeout(SECONDS, TimeUnit.SECONDS)
                .build();
            try (execution; OutputStream stream = Files.newOutputStream(out)) {
                ResultSetFormatter.outputAsJSON(stream, execution.execSelect());
            } catch (RuntimeException problem) {
                Files.delete(out);
                Files.writeString(Path.of(out.toString().replace(".srj", ".error")), problem.toString());
            }
        }
    }
}
