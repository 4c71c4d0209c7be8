// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import java.util.List;

/**
 * A script of programs that people run in sandboxes; it writes below /tmp only.
 *
 * @param name row of the table
 * @param script for {@code sh -e}
 */
record RealProgram(String name, String script) {

    static final List<RealProgram> ALL = List.of(
            new RealProgram("find", "find /usr /etc /var -ls | wc -l"),
            new RealProgram("git", """
                    cd /tmp && export HOME=/tmp
                    git init -q r && cd r && cp -r /usr/share/perl5 . && git add .
                    git -c user.name=n -c user.email=e commit -q -m c
                    git log --oneline && git gc -q && git status --short"""),
            new RealProgram("gcc", """
                    cd /tmp
                    for i in 1 2 3 4; do
                        echo '#include <stdio.h>' >f$i.c
                        echo "void f$i(void) { puts(\\"$i\\"); }" >>f$i.c
                    done
                    echo 'int main(void) { return 0; }' >main.c
                    printf 'main: main.o f1.o f2.o f3.o f4.o\\n\\tgcc -o main *.o\\n' >Makefile
                    make -s -j2 && ./main"""),
            new RealProgram("perl", """
                    perl -e 'for (1..300000) { $h{$_ % 1000} .= "x" } print length $h{7}, "\\n";
                             for (1..20) { print `echo $_` }'"""),
            new RealProgram("sqlite3", """
                    sqlite3 /tmp/db 'create table t(a, b); begin;
                    with recursive n(x) as (select 1 union all select x + 1 from n where x < 100000)
                        insert into t select x, x * x from n;
                    commit; create index i on t(b); select count(*), sum(b) from t'"""),
            new RealProgram("tar", "tar c /usr/lib/python3.11 | gzip -1 | gunzip | tar t | wc -l"),
            new RealProgram("python3", """
                    python3 -c 'import subprocess, multiprocessing, json, asyncio
                    [subprocess.run(["true"]) for _ in range(20)]
                    p = multiprocessing.Pool(2); print(sum(p.map(abs, range(10000))))'"""),
            new RealProgram("node", """
                    node -e 'const fs = require("fs");
                    for (let i = 0; i < 2000; i++) fs.writeFileSync("/tmp/f" + i % 100, "x" + i);
                    console.log(require("child_process").execSync("echo hi").toString())'"""),
            new RealProgram("java", """
                    cd /tmp
                    echo 'class T { public static void main(String[] a) throws Exception {
                        for (int i = 0; i < 200; i++) { Thread t = new Thread(() -> {}); t.start();
                        t.join(); } System.out.println("done"); } }' >T.java
                    java -XX:TieredStopAtLevel=1 T.java"""),
            new RealProgram("go", """
                    cd /tmp && export HOME=/tmp GO111MODULE=off CGO_ENABLED=0 GOFLAGS=-p=2
                    printf 'package main\\nfunc main() { println("hi") }\\n' >t.go
                    go build -o t t.go && ./t"""),
            new RealProgram("redis", """
                    cd /tmp
                    redis-server --save '' --port 6379 >log &
                    for i in $(seq 100); do redis-cli ping && break; sleep 0.05; done
                    redis-benchmark -q -n 5000 -c 10 -t set,get,lpush
                    redis-cli shutdown nosave"""));
}
