/* global document, fetch */

const element = (id) => document.getElementById(id)
const tierNames = { redis: 'Redis', postgres: 'Postgres', memory: 'memory' }

/** Asks a route; an answer that can not be had is shown like one that was. */
async function ask(method, path, body) {
  const init = body && {
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }
  const startedAt = performance.now()
  try {
    const response = await fetch(path, { method, ...init })
    const answer = await response.json()
    const took = Math.round(performance.now() - startedAt)
    const outcome = `${response.status} ${response.statusText}, ${took} ms`
    return { answer, outcome, ok: response.ok }
  } catch (error) {
    const answer = { error: 'NO_ANSWER', message: `The server did not answer: ${error.message}` }
    return { answer, outcome: 'no answer', ok: false }
  }
}

async function askAndShow(method, path, body) {
  const { answer, outcome, ok } = await ask(method, path, body)
  const request = element('request')
  request.textContent = `${method} ${path} → ${outcome}`
  request.toggleAttribute('data-failed', !ok)
  element('answer').textContent = JSON.stringify(answer, null, 2)
  if (ok && 'visits' in answer) showSession(answer)
  else if (ok && method !== 'GET') showSession(noSession)
  await showHealth()
}

const noSession = { visits: 0, user: null, tier: null, sessionId: null }

function showSession({ visits, user, tier, sessionId }) {
  const isNew = sessionId !== null && tier === null
  element('visits').textContent = visits > 0 ? `Visit ${visits}` : 'No session'
  element('tier').textContent = isNew ? 'no tier, it is new' : (tierNames[tier] ?? tier ?? 'none')
  element('user').textContent = user ?? 'nobody'
  element('session-id').textContent = sessionId ?? 'none'
}

async function showHealth() {
  const { answer } = await ask('GET', '/healthz')
  const { status = 'down', tiers = [] } = answer
  const words = tiers.map(({ name, isReachable }) => {
    const tier = tierNames[name] ?? name
    return isReachable ? `${tier} answers` : `${tier} does not answer`
  })
  element('health').dataset.status = status
  element('health').textContent = words.join(', ') || 'The server does not answer'
}

/** On a narrow screen the answer is below the buttons. */
function showAnswer() {
  element('answer').scrollIntoView({ block: 'nearest' })
}

/** One at a time: a button that is at work is said to be, and a second click does nothing. */
async function whileBusy(button, work) {
  if (button.getAttribute('aria-busy') === 'true') return
  button.setAttribute('aria-busy', 'true')
  await work()
  button.removeAttribute('aria-busy')
}

for (const button of document.querySelectorAll('button[data-path]')) {
  const { method, path } = button.dataset
  button.addEventListener('click', async () => {
    await whileBusy(button, () => askAndShow(method, path))
    if (button.closest('.routes')) showAnswer()
  })
}

element('login').addEventListener('submit', (event) => {
  event.preventDefault()
  const user = element('name').value
  const button = event.submitter ?? event.target.querySelector('button')
  void whileBusy(button, () => askAndShow('POST', '/login', { user })).then(showAnswer)
})

await askAndShow('GET', '/api/session/test-session')
