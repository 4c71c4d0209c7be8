// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.overlay.OverlayFilesystem;
import dev.jvisor.fs.testing.Files;
import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.testing.TreeActions;
import dev.jvisor.fs.testing.TreeSnapshot;
import dev.jvisor.fs.tmpfs.Tmpfs;
import dev.jvisor.platform.abi.ErrnoException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Threads that change the same few names: nothing hangs, and cache and file system agree in the
 * end.
 */
@Timeout(60)
final class ConcurrencyTests {

    private static final int THREADS = 4;
    private static final int ACTIONS = 5000;

    @Test
    void tmpfsAndCacheAgreeAfterARace() throws Exception {
        race(TestContext.newTmpfs());
    }

    @Test
    void overlayAndCacheAgreeAfterARace() throws Exception {
        Tmpfs lower = TestContext.newTmpfs();
        TestContext below = TestContext.on(lower);
        Random random = new Random(1);
        for (int i = 0; i < 300; i++) {
            TreeActions.apply(below, action(random));
        }
        race(new OverlayFilesystem(below, lower, TestContext.pages()));
    }

    private static void race(Filesystem filesystem) throws Exception {
        TestContext c = TestContext.on(filesystem);
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        List<Future<?>> running = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            Random random = new Random(t);
            TestContext own = c.fork();
            Callable<Object> actions = () -> {
                for (int i = 0; i < ACTIONS; i++) {
                    TreeActions.apply(own, action(random));
                }
                return "";
            };
            running.add(pool.submit(actions));
        }
        for (Future<?> f : running) {
            f.get(50, TimeUnit.SECONDS);
        }
        pool.shutdown();
        Map<String, String> cached = TreeSnapshot.of(c, "/");
        for (String path : cached.keySet()) {
            if (!path.equals("/")) {
                assertAgrees(c, path);
            }
        }
    }

    /** The dentry of a path is what the file system answers for its name. */
    private static void assertAgrees(TestContext c, String path) throws ErrnoException {
        Dentry dentry = Files.find(c, path).dentry();
        Dentry parent = dentry.parent();
        assertThat(parent).isNotNull();
        Inode answered = parent.inode().lookup(c, dentry.name());
        assertThat(answered).as(path).isNotNull();
        FileStatus expected = new FileStatus();
        answered.getAttributes(c, expected);
        FileStatus seen = new FileStatus();
        dentry.inode().getAttributes(c, seen);
        assertThat(seen.inode).as(path).isEqualTo(expected.inode);
    }

    private static TreeActions.Action action(Random random) {
        TreeActions.Kind[] kinds = TreeActions.Kind.values();
        return new TreeActions.Action(
                kinds[random.nextInt(kinds.length)],
                path(random),
                path(random),
                random.nextInt(9000));
    }

    private static String path(Random random) {
        StringBuilder path = new StringBuilder();
        int depth = 1 + random.nextInt(3);
        for (int i = 0; i < depth; i++) {
            path.append('/').append((char) ('a' + random.nextInt(3)));
        }
        return path.toString();
    }
}
