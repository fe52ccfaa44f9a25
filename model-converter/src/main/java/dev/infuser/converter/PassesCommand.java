package dev.infuser.converter;

import dev.infuser.pass.Pass;
import dev.infuser.pass.Passes;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code passes}. */
@Command(name = "passes", mixinStandardHelpOptions = true,
        description = {"Lists the passes of the optimiser in the order in which they run.", "",
            "convert --without NAME,... leaves some out."},
        footer = {"  infuser passes", "  infuser passes --json"})
final class PassesCommand implements Callable<Integer> {

    @Option(names = "--json", description = "prints JSON")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        List<Object> list = new ArrayList<>();
        for (Pass pass : Passes.ALL) {
            if (json) {
                Map<String, Object> map = new LinkedHashMap<>();
                map.put("name", pass.name());
                map.put("description", pass.description());
                list.add(map);
            } else {
                out.println(String.format("%-26s %s", pass.name(), pass.description()));
            }
        }
        if (json) {
            out.println(JsonText.of(list));
        }
        out.flush();
        return Main.DONE;
    }

    /** The names, for help and completion. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Passes.ALL.stream().map(Pass::name).iterator();
        }
    }
}
