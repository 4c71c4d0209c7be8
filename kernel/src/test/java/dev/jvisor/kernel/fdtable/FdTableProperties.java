// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.fdtable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The descriptor table against a sorted map, and the references it holds. */
class FdTableProperties {

    private static final long LIMIT = 300;

    private static final CallContext NOBODY = (CallContext) Proxy.newProxyInstance(
            FdTableProperties.class.getClassLoader(),
            new Class<?>[] {CallContext.class},
            (proxy, method, arguments) -> null);

    /** A file that counts its releases and its closed descriptors. */
    private static final class CountingFile extends FileDescription {
        int released;
        int closed;

        CountingFile() {
            super(null, 0);
        }

        @Override
        public Inode inode() {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void onRelease() {
            released++;
        }

        @Override
        public void onDescriptorClosed(CallContext context) {
            closed++;
        }
    }

    enum Kind {
        INSTALL,
        INSTALL_AT,
        REMOVE,
        MARK,
        CLOSE_ON_EXEC,
        CLOSE_RANGE
    }

    record Action(Kind kind, int a, int b, boolean flag) {}

    @Provide
    Arbitrary<List<Action>> actions() {
        return Combinators.combine(
                        Arbitraries.frequency(
                                net.jqwik.api.Tuple.of(8, Kind.INSTALL),
                                net.jqwik.api.Tuple.of(3, Kind.INSTALL_AT),
                                net.jqwik.api.Tuple.of(4, Kind.REMOVE),
                                net.jqwik.api.Tuple.of(2, Kind.MARK),
                                net.jqwik.api.Tuple.of(1, Kind.CLOSE_ON_EXEC),
                                net.jqwik.api.Tuple.of(1, Kind.CLOSE_RANGE)),
                        Arbitraries.integers().between(-1, 320),
                        Arbitraries.integers().between(0, 320),
                        Arbitraries.of(true, false))
                .as(Action::new)
                .list()
                .ofMaxSize(200);
    }

    @Property(tries = 200)
    void behavesLikeASortedMap(@ForAll("actions") List<Action> actions) throws ErrnoException {
        FdTable table = FdTable.create();
        TreeMap<Integer, CountingFile> model = new TreeMap<>();
        Map<Integer, Boolean> marked = new HashMap<>();
        List<CountingFile> files = new ArrayList<>();
        for (Action action : actions) {
            apply(table, model, marked, files, action);
            assertThat(table.descriptors())
                    .containsExactly(model.keySet().stream().mapToInt(i -> i).toArray());
        }
        for (int fd = -1; fd < LIMIT + 20; fd++) {
            assertThat(table.peek(fd)).isSameAs(model.get(fd));
            if (model.containsKey(fd)) {
                assertThat(table.isCloseOnExec(fd)).isEqualTo(marked.get(fd));
            }
        }
        FdTable copy = table.copy();
        table.release(NOBODY);
        for (CountingFile file : files) {
            assertThat(file.released).isEqualTo(model.containsValue(file) ? 0 : 1);
        }
        copy.release(NOBODY);
        for (CountingFile file : files) {
            assertThat(file.released).isEqualTo(1);
        }
    }

    private static void apply(
            FdTable table,
            TreeMap<Integer, CountingFile> model,
            Map<Integer, Boolean> marked,
            List<CountingFile> files,
            Action action)
            throws ErrnoException {
        switch (action.kind) {
            case INSTALL -> {
                CountingFile file = new CountingFile();
                int minimum = action.flag ? 0 : action.b;
                int lowest = minimum;
                while (model.containsKey(lowest)) {
                    lowest++;
                }
                if (lowest >= LIMIT) {
                    assertThatThrownBy(() -> table.install(file, minimum, action.flag, LIMIT))
                            .isSameAs((minimum >= LIMIT ? Errno.EINVAL : Errno.EMFILE).exception());
                } else {
                    assertThat(table.install(file, minimum, action.flag, LIMIT)).isEqualTo(lowest);
                    model.put(lowest, file);
                    marked.put(lowest, action.flag);
                    files.add(file);
                }
            }
            case INSTALL_AT -> {
                CountingFile file = new CountingFile();
                if (action.a < 0 || action.a >= LIMIT) {
                    assertThatThrownBy(() ->
                                    table.installAt(NOBODY, action.a, file, action.flag, LIMIT))
                            .isSameAs(Errno.EBADF.exception());
                } else {
                    table.installAt(NOBODY, action.a, file, action.flag, LIMIT);
                    CountingFile old = model.put(action.a, file);
                    if (old != null) {
                        assertThat(old.closed).isEqualTo(1);
                    }
                    marked.put(action.a, action.flag);
                    files.add(file);
                }
            }
            case REMOVE -> {
                CountingFile file = model.remove(action.a);
                if (file == null) {
                    assertThatThrownBy(() -> table.remove(action.a))
                            .isSameAs(Errno.EBADF.exception());
                } else {
                    assertThat(table.remove(action.a)).isSameAs(file);
                    file.release();
                }
            }
            case MARK -> {
                if (model.containsKey(action.a)) {
                    table.setCloseOnExec(action.a, action.flag);
                    marked.put(action.a, action.flag);
                } else {
                    assertThatThrownBy(() -> table.setCloseOnExec(action.a, true))
                            .isSameAs(Errno.EBADF.exception());
                }
            }
            case CLOSE_ON_EXEC -> {
                table.closeOnExec(NOBODY);
                model.keySet().removeIf(marked::get);
            }
            case CLOSE_RANGE -> {
                int first = Math.max(action.a, 0);
                int last = first + action.b / 8;
                table.closeRange(NOBODY, first, last, action.flag);
                if (action.flag) {
                    for (int fd : model.subMap(first, last + 1).keySet()) {
                        marked.put(fd, true);
                    }
                } else {
                    model.subMap(first, last + 1).clear();
                }
            }
        }
    }

    @Example
    void closeRangeToTheEndOfAllNumbers() throws ErrnoException {
        FdTable table = FdTable.create();
        for (int i = 0; i < 5; i++) {
            table.install(new CountingFile(), 0, false, -1);
        }
        table.closeRange(NOBODY, 3, -1, false);
        assertThat(table.descriptors()).containsExactly(0, 1, 2);
    }

    @Example
    void acquireNoticesANumberThatIsUsedAnew() throws Exception {
        FdTable table = FdTable.create();
        table.install(new CountingFile(), 0, false, -1);
        Thread changer = new Thread(() -> {
            try {
                for (int i = 0; i < 20_000; i++) {
                    table.installAt(NOBODY, 0, new CountingFile(), false, -1);
                }
            } catch (ErrnoException e) {
                throw new IllegalStateException(e);
            }
        });
        changer.start();
        while (changer.isAlive()) {
            CountingFile file = (CountingFile) table.acquire(0);
            assertThat(file.released).isZero();
            file.release();
        }
        changer.join();
    }
}
