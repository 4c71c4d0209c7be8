// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.testing;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Random changes of a small tree: few names and few levels, so that they meet. */
public final class TreeActions {

    /** One change by its kind, the paths it names, and a number for what else it needs. */
    public record Action(Kind kind, String path, String other, int number) {}

    public enum Kind {
        WRITE,
        APPEND,
        TRUNCATE,
        MKDIR,
        RMDIR,
        UNLINK,
        RENAME,
        EXCHANGE,
        LINK,
        SYMLINK,
        CHMOD,
        CHOWN,
        MKNOD,
        READ
    }

    private TreeActions() {}

    public static Arbitrary<Action> actions() {
        return Combinators.combine(
                        Arbitraries.frequencyOf(
                                Tuple.of(1, Arbitraries.of(Kind.class)),
                                Tuple.of(
                                        2,
                                        Arbitraries.of(
                                                Kind.RENAME,
                                                Kind.EXCHANGE,
                                                Kind.WRITE,
                                                Kind.MKDIR,
                                                Kind.UNLINK,
                                                Kind.RMDIR))),
                        paths(),
                        paths(),
                        Arbitraries.integers().between(0, 9000))
                .as(Action::new);
    }

    private static Arbitrary<String> paths() {
        Arbitrary<String> names = Arbitraries.of("a", "b", "c");
        return Arbitraries.frequencyOf(
                Tuple.of(4, pathsOf(names, 1)),
                Tuple.of(3, pathsOf(names, 2)),
                Tuple.of(1, pathsOf(names, 3)));
    }

    private static Arbitrary<String> pathsOf(Arbitrary<String> names, int depth) {
        return names.list().ofSize(depth).map(parts -> "/" + String.join("/", parts));
    }

    /** Does it; answers its error, or null. */
    public static Errno apply(TestContext c, Action action) {
        return Files.errnoOf(() -> run(c, action));
    }

    private static void run(TestContext c, Action a) throws ErrnoException {
        switch (a.kind) {
            case WRITE -> Files.write(c, a.path, text(a));
            case APPEND -> {
                int flags = Fcntl.O_WRONLY | Fcntl.O_APPEND;
                FileDescription file = Files.open(c, a.path, flags);
                Files.write(c, file, text(a));
                file.release();
            }
            case TRUNCATE -> Vfs.truncate(c, Vfs.resolve(c, null, a.path, 0), a.number);
            case MKDIR -> Files.mkdir(c, a.path);
            case RMDIR -> Files.rmdir(c, a.path);
            case UNLINK -> Files.unlink(c, a.path);
            case RENAME -> Files.rename(c, a.path, a.other);
            case EXCHANGE -> Vfs.rename(c, null, a.path, null, a.other, Fcntl.RENAME_EXCHANGE);
            case LINK -> Files.link(c, a.path, a.other);
            case SYMLINK -> Files.symlink(c, a.other, a.path);
            case CHMOD -> Vfs.chmod(c, Files.find(c, a.path), 0700 | a.number & 07077);
            case CHOWN -> Vfs.chown(c, Files.find(c, a.path), a.number, a.number + 1);
            case MKNOD -> Vfs.mknod(c, null, a.path, StatMode.S_IFCHR | 0600, a.number);
            case READ -> Files.read(c, a.path);
        }
    }

    static String text(Action a) {
        return Integer.toString(a.number).repeat(a.number % 7);
    }
}
