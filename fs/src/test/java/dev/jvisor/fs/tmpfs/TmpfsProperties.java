// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.Files;
import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.testing.TreeActions;
import dev.jvisor.fs.testing.TreeActions.Action;
import dev.jvisor.fs.testing.TreeModel;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Dentries and tmpfs together behave as a plain tree. */
final class TmpfsProperties {

    @Provide
    Arbitrary<List<Action>> actions() {
        return TreeActions.actions()
                .filter(TreeModel::knows)
                .list()
                .ofMinSize(5)
                .ofMaxSize(100);
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void treeBehavesAsItsModel(@ForAll("actions") List<Action> actions) throws ErrnoException {
        TestContext c = TestContext.onTmpfs();
        TreeModel model = new TreeModel();
        for (Action a : actions) {
            assertThat(TreeActions.apply(c, a)).as("%s", a).isEqualTo(model.apply(a));
        }
        Map<String, String> seen = new TreeMap<>();
        walk(c, "/", seen);
        assertThat(seen).isEqualTo(model.snapshot());
    }

    private static void walk(TestContext c, String path, Map<String, String> seen)
            throws ErrnoException {
        FileStatus s = Files.stat(c, path);
        if ((s.mode & StatMode.S_IFMT) != StatMode.S_IFDIR) {
            seen.put(path, s.links + " " + Files.read(c, path));
            return;
        }
        seen.put(path, s.links + " directory");
        for (String name : Files.list(c, path)) {
            walk(c, path.equals("/") ? "/" + name : path + "/" + name, seen);
        }
    }
}
