package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A page that is open in a profile of its own.
 *
 * @param complaints errors of its console, uncaught exceptions and violations of the content security policy
 * @param requests   the addresses that it asked for
 */
record Visit(BrowserContext context, Page page, List<String> complaints, List<String> requests) implements AutoCloseable {

    static Visit open(Browser browser, String address) {
        return open(browser, address, new Browser.NewContextOptions());
    }

    static Visit open(Browser browser, String address, Browser.NewContextOptions options) {
        BrowserContext context = browser.newContext(options);
        Page page = context.newPage();
        page.setDefaultTimeout(240_000);
        Visit visit = new Visit(context, page, new CopyOnWriteArrayList<>(), new CopyOnWriteArrayList<>());
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") || message.text().contains("Content Security Policy")) {
                visit.complaints.add(message.text());
            }
        });
        page.onPageError(visit.complaints::add);
        context.onRequest(request -> visit.requests.add(request.url()));
        page.addInitScript("document.addEventListener('securitypolicyviolation', (event) =>"
                + " console.error('violates', event.violatedDirective, event.blockedURI));");
        page.navigate(address);
        return visit;
    }

    /** Waits until the page says that it is in a state. */
    Visit await(String state) {
        page.waitForSelector("html[data-state='" + state + "']");
        return this;
    }

    /** Calls a function of the test page. */
    Object call(String function, Object... parameters) {
        return page.evaluate("([name, ...parameters]) => test[name](...parameters)", prepend(function, parameters));
    }

    private static List<Object> prepend(Object first, Object[] rest) {
        List<Object> all = new CopyOnWriteArrayList<>(rest);
        all.add(0, first);
        return all;
    }

    void assertClean(String origin) {
        assertEquals(List.of(), complaints);
        assertEquals(List.of(), requests.stream().filter(url -> !url.startsWith(origin)
                && !url.startsWith("blob:" + origin) && !url.startsWith("data:")).toList());
    }

    @Override
    public void close() {
        context.close();
    }
}
